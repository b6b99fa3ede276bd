import type { Task } from '../tasks/task.ts'

/** A task as plain text: what the links in comments lead to. */
export function taskText(task: Task, log: Buffer): string {
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['task', task.id],
    ['state', task.end?.is === 'failed' && task.endedAt !== undefined ? `failed (${task.end.cause})` : task.state],
    ['repository', task.repository],
    ['branch', `${task.branch} from ${task.base}`],
    ['asked by', `@${task.asker.username}, ${new Date(task.createdAt).toISOString()}`],
    ['ended', task.endedAt === undefined ? undefined : new Date(task.endedAt).toISOString()],
    ['attempt', String(task.attempt)],
    ['merge request', task.mergeRequest?.url],
  ]
  const head = lines.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(14)} ${value}`]))
  return `${head.join('\n')}\n\n${task.prompt}\n\n--- log ---\n${log.toString()}`
}
