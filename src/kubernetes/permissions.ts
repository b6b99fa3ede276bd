/** What Errand's service account has to be allowed in the namespace of the runs, and nothing else: checked at the start, and compared with the chart. */

import type { Namespace } from './namespace.ts'

export type Permission = {
  /** The API group; empty for the core. */
  readonly group: string
  readonly resource: string
  readonly subresource?: string
  readonly verbs: readonly string[]
  /** What cannot be done without it. */
  readonly why: string
}

export const PERMISSIONS: readonly Permission[] = [
  {
    group: 'batch',
    resource: 'jobs',
    verbs: ['create', 'get', 'list', 'watch', 'delete'],
    why: 'each attempt of a task is a Job',
  },
  { group: '', resource: 'pods', verbs: ['list', 'watch'], why: 'pods show how a run is doing, and how it ended' },
  {
    group: '',
    resource: 'pods',
    subresource: 'log',
    verbs: ['get'],
    why: 'a run that dies at its start leaves its reason there',
  },
  {
    group: '',
    resource: 'secrets',
    verbs: ['create', 'delete'],
    why: "each run's credential is in a Secret of its own",
  },
  { group: '', resource: 'events', verbs: ['list'], why: 'a quota that keeps pods away is told by events only' },
]

/** One sentence for each verb that is missing, with the cure; nothing where all is well. */
export async function missingPermissions(namespace: Namespace): Promise<readonly string[]> {
  const asked = PERMISSIONS.flatMap((permission) => permission.verbs.map((verb) => ({ ...permission, verb })))
  const answers = await Promise.all(
    asked.map(async ({ group, resource, subresource, verb, why }) => {
      const what = subresource === undefined ? resource : `${resource}/${subresource}`
      if (await namespace.may(verb, group, resource, subresource)) return undefined
      const rule = `apiGroups: ["${group}"], resources: ["${what}"], verbs: ["${verb}"]`
      return `Errand may not ${verb} ${what} in namespace ${namespace.name} (${why}): add to its Role the rule ${rule}.`
    }),
  )
  return answers.filter((answer) => answer !== undefined)
}
