/** What was set on an issue besides comments: a label, an assignee; and by whom. */

import { z } from 'zod'
import type { Person, Place } from '../tasks/task.ts'
import { type GitLab, goneIfRefused } from './client.ts'

/** `id` names the event in GitLab. */
export type SetOn = { readonly id: number; readonly by: Person; readonly at: number }

const person = z.object({ id: z.number(), username: z.string(), name: z.string() })
const labelEvent = z.object({
  id: z.number(),
  user: person.nullish(),
  created_at: z.string(),
  action: z.string(),
  label: z.object({ name: z.string() }).nullish(),
})

/** The newest time that the label was added; who deletes it from the project takes its name out of the events. */
export async function labellingOf(
  gitlab: GitLab,
  { projectId, on, iid }: Place,
  label: string,
): Promise<SetOn | undefined> {
  if (on !== 'issue') return undefined
  const found = await goneIfRefused(gitlab.labelEvents.all(projectId, iid, { perPage: 100 }))
  if (found === 'gone') return undefined
  const events = z.array(labelEvent).parse(found)
  const last = events.findLast((event) => event.action === 'add' && event.label?.name === label)
  if (last?.user == null) return undefined
  return { id: last.id, by: last.user, at: Date.parse(last.created_at) }
}

const systemNote = z.object({
  id: z.number(),
  body: z.string(),
  system: z.boolean(),
  created_at: z.string(),
  author: person,
})

/** GitLab writes "assigned to @a and @b" or "assigned to @a and unassigned @b", in English whatever the reader's language is. */
export async function assignmentOf(
  gitlab: GitLab,
  { projectId, on, iid }: Place,
  username: string,
): Promise<SetOn | undefined> {
  if (on !== 'issue') return undefined
  const found = await goneIfRefused(
    gitlab.issueNotes.all(projectId, iid, { sort: 'desc', orderBy: 'created_at', perPage: 100, maxPages: 3 }),
  )
  if (found === 'gone') return undefined
  const notes = z.array(systemNote).parse(found)
  const name = `@${username}`.toLowerCase()
  const last = notes.find(({ system, body }) => {
    const [assigned = ''] = body.toLowerCase().split('unassigned')
    return system && assigned.startsWith('assigned to ') && assigned.split(/[\s,]+/).includes(name)
  })
  return last === undefined ? undefined : { id: last.id, by: last.author, at: Date.parse(last.created_at) }
}
