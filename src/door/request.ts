import { PROTOCOL, type Request } from '../../runtime/protocol.ts'
import { type Context, promptFor } from '../tasks/prompt.ts'
import type { Person, Task } from '../tasks/task.ts'

export type RequestSettings = {
  readonly model: string | undefined
  /** Seconds. */
  readonly limits: Request['limits']
  /** The host name of GitLab, for the no-reply addresses that GitLab itself gives to people. */
  readonly host: string
}

/** What a task's run has to know, without a secret in it. */
export function requestFor(task: Task, context: Context, bot: Person, settings: RequestSettings): Request {
  const address = ({ id, username }: Person) => `${id}-${username}@users.noreply.${settings.host}`
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
    author: { name: plain(bot.name), email: address(bot) },
    trailers: [`Co-authored-by: ${plain(task.asker.name)} <${address(task.asker)}>`, `Errand-Task: ${task.id}`],
    limits: settings.limits,
  }
}
