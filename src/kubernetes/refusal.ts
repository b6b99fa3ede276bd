/**
 * A message that refuses a Job or a pod → whether waiting helps. The API server says all of it with 403 and words:
 * kubernetes/plugin/pkg/admission/resourcequota (`exceeded quota`), limitranger (`maximum cpu usage`), Pod Security
 * (`violates PodSecurity`), webhooks and policies (`denied`), and RBAC, which is the operator's matter.
 */
export type Refusal = 'quota' | 'policy' | 'unknown'

export function refusalOf(message: string): Refusal {
  if (/exceeded quota|insufficient quota/i.test(message)) return 'quota'
  // RBAC, a namespace that goes, a service account that is not there yet: repaired by somebody, not by the author.
  if (
    /cannot (create|get|list|watch|delete) resource|is being terminated|error looking up service account/i.test(message)
  )
    return 'unknown'
  if (/is forbidden|is invalid|denied the request|violates|failed quota|no (PriorityClass|RuntimeClass)/i.test(message))
    return 'policy'
  return 'unknown'
}
