import { PROTOCOL, type Request } from '../../runtime/protocol.ts'
import { type Context, promptFor } from '../tasks/prompt.ts'
import type { Person, Task } from '../tasks/task.ts'

export type RequestSettings = {
  readonly model: string | undefined
  /** Seconds. */
  readonly limits: Request['limits']
  /** GitLab's address without a trailing slash. */
  readonly gitlab: string
}

/** What a task's run has to know, without a secret in it. */
export function requestFor(task: Task, context: Context, bot: Person, settings: RequestSettings): Request {
  const address = ({ id, username }: Person) => `${id}-${username}@users.noreply.${new URL(settings.gitlab).hostname}`
  const plain = (name: string) => name.replace(/[<>\r\n]/g, ' ').trim()
  const [line = ''] = task.prompt.split('\n', 1)
  return {
    protocol: PROTOCOL,
    task: task.id,
    attempt: task.attempt,
    project: task.repository,
    branch: task.branch,
    base: task.base,
    defaultBranch: task.defaultBranch,
    prompt: promptFor(task, context),
    subject: line.trim().slice(0, 200),
    agent: { name: task.agent, ...(settings.model === undefined ? {} : { model: settings.model }) },
    mode: 'do',
    session: false,
    steeredBy: 'branch',
    clone: { filter: 'blob:none' },
    tools: [],
    repositoryTools: false,
    gitlab: settings.gitlab,
    author: { name: plain(bot.name), email: address(bot) },
    trailers: [`Co-authored-by: ${plain(task.asker.name)} <${address(task.asker)}>`, `Errand-Task: ${task.id}`],
    limits: settings.limits,
  }
}
