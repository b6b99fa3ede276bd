/** Which tasks a person wants to see, of those that they may. Pure. */

import { z } from 'zod'
import { STATES, type Task } from '../tasks/task.ts'
import type { TaskQuery } from './apiNeeds.ts'

/** In the query of an address; `status` may stand there more than once. */
export const filterSchema = z.object({
  status: z
    .preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(z.enum(STATES)))
    .optional()
    .meta({
      description: 'One or several states.',
      override: { type: 'array', items: { type: 'string', enum: [...STATES] } },
    }),
  project: z.string().max(500).optional().meta({ description: "A project's path or id." }),
  person: z.string().max(255).optional().meta({ description: 'The user name of who asked.' }),
  text: z
    .string()
    .max(200)
    .optional()
    .meta({ description: 'Found in prompt, title, branch or name, whatever the case.' }),
})
export type Filter = z.output<typeof filterSchema>

/** What of it an index can be asked for. */
export function queryOf({ status, project, person }: Filter): TaskQuery {
  const id = project !== undefined && /^\d+$/.test(project) ? Number(project) : undefined
  return { status, projectId: id, person: person?.replace(/^@/, '') }
}

/** `reads`: the person may read its words; what they may not read is not found by them either. */
export function matches(task: Task, filter: Filter, reads: boolean): boolean {
  const { status, projectId, person } = queryOf(filter)
  if (status !== undefined && status.length > 0 && !status.includes(task.state)) return false
  if (projectId !== undefined && projectId !== task.thread.projectId) return false
  if (projectId === undefined && filter.project !== undefined && !same(filter.project, task.repository)) return false
  if (person !== undefined && !same(person, task.asker.username)) return false
  if (filter.text === undefined) return true
  const words = reads ? [task.prompt, task.about] : []
  const wanted = filter.text.toLowerCase()
  return [task.id, task.branch, ...words].some((text) => text.toLowerCase().includes(wanted))
}

/** Paths and user names have no case in GitLab. */
function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
