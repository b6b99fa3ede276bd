/** A task is named after its cause: `42-n1337` is note 1337 in project 42. The same text names everything that belongs to it. */
export type TaskId = string

/** What asked, and the letter by which a task is named after it. */
export const OCCASIONS = {
  note: 'n',
  /** The description of an issue or a merge request, when it was opened. */
  issue: 'i',
  merge_request: 'm',
  /** A resource label event. */
  label: 'l',
  /** The system note of an assignment. */
  assignment: 'a',
  pipeline: 'p',
  /** Errand's own page, or its API. */
  page: 'w',
} as const
export type Occasion = keyof typeof OCCASIONS

/**
 * The same name for the hook and for the sweep: `id` is GitLab's of the note, the event or the pipeline, or the iid. On the page
 * it is made of who asks and the key that they sent along.
 */
export function taskId(projectId: number, occasion: Occasion, id: number | string): TaskId {
  return `${projectId}-${OCCASIONS[occasion]}${id}`
}
