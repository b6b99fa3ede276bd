/** A webhook's payload → a delivery: only the fields that decide; everything else is asked for, whatever the payload claims. */

import { z } from 'zod'
import type { Delivery } from '../tasks/delivery.ts'

export type Payload =
  | { readonly payload: 'told'; readonly delivery: Delivery }
  | { readonly payload: 'ignored'; readonly why: string }
  | { readonly payload: 'refused'; readonly why: string }

const positive = z.int().positive()

const noteEvent = z.object({
  project_id: positive,
  object_attributes: z.object({
    id: positive,
    noteable_type: z.string(),
    system: z.boolean().nullish(),
    action: z.string().nullish(),
    discussion_id: z
      .string()
      .regex(/^[0-9a-f]{1,64}$/)
      .nullish(),
  }),
  issue: z.object({ iid: positive }).nullish(),
  merge_request: z.object({ iid: positive }).nullish(),
})

const label = z.object({ title: z.string() })
/** GitLab's own example has none. */
const assignee = z.object({ id: positive.nullish() })
function change<T extends z.ZodType>(of: T) {
  return z.object({ previous: z.array(of).nullish(), current: z.array(of).nullish() }).nullish()
}

/** Issues and, as `work_item`, tasks and incidents; merge requests look the same. */
const itemEvent = z.object({
  project: z.object({ id: positive }),
  object_attributes: z.object({ iid: positive, action: z.string().nullish() }),
  labels: z.array(label).nullish(),
  assignees: z.array(assignee).nullish(),
  changes: z.object({ labels: change(label), assignees: change(assignee) }).nullish(),
})

const pipelineEvent = z.object({
  project: z.object({ id: positive }),
  object_attributes: z.object({ id: positive, status: z.string(), tag: z.boolean().nullish() }),
})

/** Of a sender who is known to be GitLab. */
export function translatePayload(payload: unknown): Payload {
  const kind = z.object({ object_kind: z.string() }).safeParse(payload).data?.object_kind
  switch (kind) {
    case 'note':
      return read(noteEvent, payload, fromNote)
    case 'issue':
    case 'work_item':
      return read(itemEvent, payload, (event) => fromItem('issue', event))
    case 'merge_request':
      return read(itemEvent, payload, (event) => fromItem('merge_request', event))
    case 'pipeline':
      return read(pipelineEvent, payload, fromPipeline)
    case undefined:
      return ignored('nothing starts from an event without object_kind')
    default:
      return ignored(`nothing starts from "${kind.slice(0, 40)}" events`)
  }
}

function read<T>(schema: z.ZodType<T>, payload: unknown, translate: (event: T) => Payload): Payload {
  const parsed = schema.safeParse(payload)
  if (parsed.success) return translate(parsed.data)
  const [issue] = parsed.error.issues
  return refused(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`)
}

function fromNote(event: z.output<typeof noteEvent>): Payload {
  const { project_id: projectId, object_attributes: note, issue, merge_request: mergeRequest } = event
  if (note.system === true) return ignored('GitLab wrote the note itself')
  const on = ({ Issue: 'issue', WorkItem: 'issue', MergeRequest: 'merge_request' } as const)[note.noteable_type]
  if (on === undefined) return ignored(`nothing starts from a comment on a ${note.noteable_type.slice(0, 40)}`)
  const iid = on === 'issue' ? issue?.iid : mergeRequest?.iid
  if (iid === undefined) return refused(`${on}.iid: missing`)
  const discussion = note.discussion_id ?? undefined
  const edited = note.action === 'update' ? { edited: true } : {}
  return told({ kind: 'note', projectId, on, iid, noteId: note.id, discussion, ...edited })
}

/** Labels that an issue is created with come without `changes` (gitlab.md §2.2). */
function fromItem(on: 'issue' | 'merge_request', event: z.output<typeof itemEvent>): Payload {
  const { project, object_attributes: item, changes } = event
  const opened = item.action === 'open'
  const added = <T>(current: readonly T[] | null | undefined, previous: readonly T[] | null | undefined) =>
    (current ?? []).filter((one) => !(previous ?? []).includes(one))
  const names = (list: readonly { title: string }[] | null | undefined) => list?.map(({ title }) => title)
  const ids = (list: readonly { id?: number | null | undefined }[] | null | undefined) => list?.map(({ id }) => id ?? 0)
  const labels = opened
    ? (names(event.labels) ?? [])
    : added(names(changes?.labels?.current), names(changes?.labels?.previous))
  const assigned = opened
    ? (ids(event.assignees) ?? [])
    : added(ids(changes?.assignees?.current), ids(changes?.assignees?.previous))
  // Somebody of whom the number is not told could be us.
  const assignees = assigned.includes(0) ? undefined : assigned
  if (!opened && labels.length + assigned.length === 0) return ignored('nobody was assigned, and no label was added')
  return told({ kind: 'item', projectId: project.id, on, iid: item.iid, opened, labels, assignees })
}

function fromPipeline({ project, object_attributes: pipeline }: z.output<typeof pipelineEvent>): Payload {
  if (pipeline.status !== 'failed')
    return ignored(`nothing starts from a pipeline that is "${pipeline.status.slice(0, 40)}"`)
  if (pipeline.tag === true) return ignored('nothing starts from the pipeline of a tag')
  return told({ kind: 'pipeline', projectId: project.id, pipelineId: pipeline.id })
}

function told(delivery: Delivery): Payload {
  return { payload: 'told', delivery }
}

function ignored(why: string): Payload {
  return { payload: 'ignored', why }
}

function refused(why: string): Payload {
  return { payload: 'refused', why }
}
