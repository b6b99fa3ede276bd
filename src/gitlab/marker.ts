/** Hidden marks at the end of our own comments, by which they are found again: nothing is said twice. */

import type { TaskId } from '../tasks/task.ts'
import type { Discussion } from './discussion.ts'

/** `status` is edited while the task goes on; `reply` is its last word. */
export type Part = 'status' | 'reply'

export function mark(id: TaskId, part: Part): string {
  return `<!-- errand:${id} ${part} -->`
}

/** Only our own notes count: anybody can type a mark. */
export function findMarked({ notes }: Discussion, me: number, id: TaskId, part: Part) {
  return notes.find(({ author, body }) => author.id === me && body.trimEnd().endsWith(mark(id, part)))
}

export function answeredIn({ notes }: Discussion, me: number): readonly TaskId[] {
  const own = notes.filter(({ author }) => author.id === me).map(({ body }) => body)
  return own.flatMap((body) => /<!-- errand:(\S+) reply -->\s*$/.exec(body)?.[1] ?? [])
}
