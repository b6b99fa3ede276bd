import { PROTOCOL, type Request, type Tool } from '../../runtime/protocol.ts'
import type { Person, Task } from '../tasks/task.ts'

export type RequestSettings = {
  /** Seconds. */
  readonly limits: Request['limits']
  /** GitLab's address without a trailing slash. */
  readonly gitlab: string
  /** The program of the agent `custom`. */
  readonly command: readonly string[] | undefined
  /** Whether a session is kept that this run goes on with. */
  readonly session: boolean
  readonly clone: Request['clone']
  /** The MCP servers that this task may use. */
  readonly tools: readonly Tool[]
  readonly repositoryTools: boolean
  /** Where the project's set-up script is, if it says so. */
  readonly setup: string | undefined
}

/** What a task's run has to know, without a secret in it. */
export function requestFor(task: Task, prompt: string, bot: Person, settings: RequestSettings): Request {
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
    prompt,
    subject: task.discreet === true ? `Task ${task.id}` : line.trim().slice(0, 200),
    agent: {
      name: task.agent,
      ...(task.model === undefined ? {} : { model: task.model }),
      ...(task.agent === 'custom' && settings.command !== undefined ? { command: settings.command } : {}),
    },
    mode: task.mode,
    session: settings.session,
    discreet: task.discreet === true,
    // On a merge request others may have pushed: what steers the agent is its target's (reliability.md T6).
    steeredBy: task.thread.on === 'merge_request' || task.continues !== undefined ? 'base' : 'branch',
    clone: settings.clone,
    ...(settings.setup === undefined ? {} : { setup: settings.setup }),
    tools: settings.tools,
    repositoryTools: settings.repositoryTools,
    gitlab: settings.gitlab,
    author: { name: plain(bot.name), email: address(bot) },
    trailers: [`Co-authored-by: ${plain(task.asker.name)} <${address(task.asker)}>`, `Errand-Task: ${task.id}`],
    limits: settings.limits,
  }
}
