/** Hidden marks at the end of our own comments, by which they are found again: nothing is said twice. */

import type { Marked } from '../tasks/receive.ts'
import type { TaskId } from '../tasks/taskId.ts'
import type { Discussion } from './discussion.ts'

/** `status` is edited while the task goes on; `reply` is its last word. */
export type Part = 'status' | 'reply'

/** `notes`: the comments that a last word answers, where it answers others than the one that its task is named after. */
export function mark(id: TaskId, part: Part, notes: readonly number[] = []): string {
  return `<!-- errand:${[id, part, ...notes].join(' ')} -->`
}

const MARK = /<!-- errand:(\S+) (status|reply)((?: \d+)*) -->\s*$/

/** Only our own notes count: anybody can type a mark. */
export function findMarked({ notes }: Discussion, me: number, id: TaskId, part: Part) {
  return notes.find(({ author, body }) => {
    const [, task, found] = MARK.exec(body) ?? []
    return author.id === me && task === id && found === part
  })
}

/** What we wrote, as people read it. */
export function withoutMark(body: string): string {
  return body.replace(MARK, '').trimEnd()
}

/** What our own marks in a discussion tell. */
export function readMarks({ notes }: Discussion, me: number): Marked {
  const marks = notes
    .filter(({ author }) => author.id === me)
    .flatMap(({ body, created_at: at }) => {
      const [, task, part, answers = ''] = MARK.exec(body) ?? []
      return task === undefined
        ? []
        : [{ task, part, at: Date.parse(at), notes: answers.split(' ').filter(Boolean).map(Number) }]
    })
  const last = marks.filter(({ part }) => part === 'reply')
  return {
    // Only a task has a status.
    tasks: marks.filter(({ part }) => part === 'status').map(({ task }) => task),
    answered: last.map(({ task }) => task),
    notes: last.flatMap((mark) => mark.notes),
    at: last.map(({ at }) => at),
  }
}
