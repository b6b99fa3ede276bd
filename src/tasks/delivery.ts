/** What the hook translated, or the sweep found: only ids, since a payload can be old or forged. Everything else is asked for. */

import { remarkId } from './entry.ts'
import type { Place } from './task.ts'
import { type TaskId, taskId } from './taskId.ts'

export type Delivery = (NoteDelivery | ItemDelivery | PipelineDelivery) & {
  /** By the sweep, and not by a hook. */
  readonly found?: boolean | undefined
}

export type NoteDelivery = Place & {
  readonly kind: 'note'
  readonly noteId: number
  /** A hint, absent in old GitLabs. */
  readonly discussion?: string | undefined
  /** Its text was changed: it can start nothing, but may need a hint. */
  readonly edited?: boolean | undefined
}

/** An issue or a merge request was opened, labelled or assigned. */
export type ItemDelivery = Place & {
  readonly kind: 'item'
  readonly opened: boolean
  /** Hints: names of labels and ids of people that are new on it. Absent: not known, so both are asked for. */
  readonly labels?: readonly string[] | undefined
  readonly assignees?: readonly number[] | undefined
}

/** A pipeline has failed. */
export type PipelineDelivery = { readonly kind: 'pipeline'; readonly projectId: number; readonly pipelineId: number }

/** The names under which a note's record may stand. */
export function noteRecords(projectId: number, noteId: number): readonly [task: TaskId, remark: TaskId] {
  return [taskId(projectId, 'note', noteId), remarkId(projectId, noteId)]
}

/** In words, for the log. */
export function describeDelivery(delivery: Delivery): string {
  switch (delivery.kind) {
    case 'note':
      return taskId(delivery.projectId, 'note', delivery.noteId)
    case 'item':
      return taskId(delivery.projectId, delivery.on, delivery.iid)
    case 'pipeline':
      return taskId(delivery.projectId, 'pipeline', delivery.pipelineId)
  }
}
