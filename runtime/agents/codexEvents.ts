/** Codex's `exec --json`, one line → what it tells. Pure; unknown events tell nothing, so a newer version still works. */

import type { Told } from './agent.ts'
import { unwrapped } from './codexShell.ts'
import {
  doing,
  type Fields,
  fieldsIn,
  fieldsOf,
  listOf,
  numberOf,
  output,
  pathIn,
  running,
  saying,
  serverTool,
  showing,
  textOf,
  waiting,
} from './telling.ts'

export type Tokens = { readonly input: number; readonly output: number }

/** How a turn ended; a run is one turn. */
export type Turn = { readonly used: Tokens } | { readonly failed: string }

export type Heard = {
  readonly told: readonly Told[]
  /** Its name of the conversation. */
  readonly thread?: string
  /** Words of the agent: the last ones are the answer. */
  readonly words?: string
  readonly turn?: Turn
}

/** `root` is the clone: paths below it are shown relative to it. */
export function translate(line: string, root: string): Heard {
  const event = fieldsIn(line)
  if (event === undefined) return { told: saying(line) }
  switch (event.type) {
    case 'thread.started':
      return { told: [], thread: textOf(event.thread_id) }
    case 'item.started':
      return { told: begin(fieldsOf(event.item), root) }
    case 'item.completed':
      return complete(fieldsOf(event.item), root)
    case 'error':
      return { told: retry(textOf(event.message)) }
    case 'turn.completed': {
      const usage = fieldsOf(event.usage)
      const used = { input: numberOf(usage.input_tokens), output: numberOf(usage.output_tokens) }
      return { told: [{ kind: 'done' }], turn: { used } }
    }
    case 'turn.failed':
      return { told: [{ kind: 'done' }], turn: { failed: textOf(fieldsOf(event.error).message) } }
    default:
      return { told: [] }
  }
}

/** What takes time is told when it begins. */
function begin(item: Fields, root: string): Told[] {
  switch (item.type) {
    case 'command_execution':
      return running(unwrapped(textOf(item.command)))
    case 'file_change':
      return doing(changes(item, root))
    case 'mcp_tool_call':
      return doing(serverTool(textOf(item.server), textOf(item.tool)))
    case 'collab_tool_call':
      return doing('asks a helper')
    default:
      return []
  }
}

function complete(item: Fields, root: string): Heard {
  switch (item.type) {
    case 'agent_message': {
      const words = textOf(item.text)
      return { told: saying(words), words }
    }
    case 'command_execution': {
      const said = textOf(item.aggregated_output)
      const isFailure = item.status === 'failed'
      return { told: output(isFailure ? `exit code ${item.exit_code}\n${said}` : said, isFailure) }
    }
    case 'file_change':
      return { told: item.status === 'failed' ? output(changes(item, root), true) : [] }
    case 'mcp_tool_call':
      return { told: answered(item) }
    case 'web_search':
      return { told: doing(`searches the web for ${textOf(item.query)}`) }
    case 'reasoning':
      return { told: showing('thinks') }
    case 'todo_list':
      return { told: showing('plans its work') }
    case 'error':
      return { told: saying(`warning: ${textOf(item.message)}`) }
    default:
      return { told: [] }
  }
}

/** "writes src/a.ts, edits src/b.ts". */
function changes({ changes }: Fields, root: string): string {
  const verbs: Fields = { add: 'writes', delete: 'removes', update: 'edits' }
  return listOf(changes)
    .map(({ path, kind }) => `${verbs[textOf(kind)] ?? 'changes'} ${pathIn(root, textOf(path))}`)
    .join(', ')
}

function answered({ result, error }: Fields): Told[] {
  const failure = textOf(fieldsOf(error).message)
  if (failure !== '') return output(failure, true)
  const parts = listOf(fieldsOf(result).content)
  return output(parts.map(({ type, text }) => (type === 'text' ? textOf(text) : `[${type}]`)).join('\n'))
}

/** `Reconnecting... 2/5 (unexpected status 529 …)`: it goes on. What ends the turn comes again as its failure. */
function retry(message: string): Told[] {
  const [, which, why = ''] = /^Reconnecting\.\.\. (.+?)(?: \((.*)\))?$/s.exec(message) ?? []
  if (which === undefined) return []
  const [, status] = /status:? (\d{3})/.exec(why) ?? []
  const tries = which.replace(/^(\d+)\/(\d+)$/, 'try $1 of $2')
  return waiting(`${status === undefined ? 'no answer' : `status ${status}`}, ${tries}`)
}
