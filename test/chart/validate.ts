/**
 * What is wrong with an object, by two descriptions of Kubernetes: the schemas of kubernetes-models (what is required, of which
 * type, one of which words), and the fields that @kubernetes/client-node knows (what no schema forbids: a name that does not exist).
 */

import * as client from '@kubernetes/client-node'
import type { Rendered } from './render.ts'

/** What is described elsewhere than in kubernetes-models, by API group. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'gateway.networking.k8s.io': '@kubernetes-models/gateway-api/gateway.networking.k8s.io',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator/monitoring.coreos.com',
}
/** Versions of APIs that the client has forgotten, and custom resources, which it never knew. */
const UNKNOWN_TO_CLIENT =
  /^(policy\/v1beta1|autoscaling\/v2beta2|gateway\.networking\.k8s\.io\/|monitoring\.coreos\.com\/)/

export async function problemsOf(object: Rendered): Promise<readonly string[]> {
  return [...(await schemaProblems(object)), ...fieldProblems(object)]
}

async function schemaProblems(object: Rendered): Promise<readonly string[]> {
  const { apiVersion, kind } = object
  const [group = '', version] = apiVersion.split('/')
  const place = version === undefined ? `kubernetes-models/${group}` : `${placeOf(group)}/${version}`
  const models: Record<string, new (data: object) => { validate(): void }> = await import(`${place}/${kind}`)
  const Model = models[kind]
  if (Model === undefined) return [`${place} has no ${kind}`]
  try {
    new Model(object).validate()
    return []
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}

function placeOf(group: string): string {
  return ELSEWHERE[group] ?? `kubernetes-models/${group}`
}

function fieldProblems({ apiVersion, kind, ...rest }: Rendered): readonly string[] {
  if (UNKNOWN_TO_CLIENT.test(apiVersion)) return []
  return unknownFields(rest, `${apiVersion.split('/').at(-1)?.replace('v', 'V')}${kind}`, kind)
}

type Described = { getAttributeTypeMap(): readonly { readonly baseName: string; readonly type: string }[] }

/** Every field that its type does not have, with the way to it. */
function unknownFields(value: unknown, type: string, path: string): readonly string[] {
  const inner = /^(?:Array<(.*)>|\{ \[key: string\]: (.*); \})$/.exec(type)
  if (Array.isArray(value))
    return value.flatMap((item, index) => unknownFields(item, inner?.[1] ?? '', `${path}[${index}]`))
  if (typeof value !== 'object' || value === null) return []
  const described = (client as unknown as Record<string, Described | undefined>)[type]
  const fields = new Map(described?.getAttributeTypeMap().map(({ baseName, type }) => [baseName, type]))
  return Object.entries(value).flatMap(([key, item]) => {
    const its = described === undefined ? (inner?.[2] ?? '') : fields.get(key)
    return its === undefined ? [`${path}.${key}: there is no such field`] : unknownFields(item, its, `${path}.${key}`)
  })
}
