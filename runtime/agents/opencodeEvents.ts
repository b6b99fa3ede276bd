/** OpenCode's `run --format json`, one line → what it tells. Pure; unknown events tell nothing, so a newer version still works. */

import type { Told, ToolServer } from './agent.ts'
import {
  doing,
  type Fields,
  fieldsIn,
  fieldsOf,
  numberOf,
  output,
  pathIn,
  running,
  saying,
  serverTool,
  showing,
  textOf,
} from './telling.ts'

/** The end of one answer of the model. */
export type Step = {
  /** `stop` at the end of the work, `tool-calls` where it goes on. */
  readonly reason: string
  readonly input: number
  readonly output: number
  readonly costUsd: number
}

export type Fault = { readonly name: string; readonly message: string; readonly status: number }

export type Heard = {
  readonly told: readonly Told[]
  /** Its name of the conversation: in every event. */
  readonly session?: string
  /** Words of the agent: the last ones are the answer. */
  readonly words?: string
  readonly step?: Step
  readonly fault?: Fault
}

/** `root` is the clone: paths below it are shown relative to it. */
export function translate(line: string, root: string, tools: readonly ToolServer[]): Heard {
  const event = fieldsIn(line)
  if (event === undefined) return { told: saying(line) }
  const session = textOf(event.sessionID)
  return { ...hear(event, root, tools), ...(session === '' ? {} : { session }) }
}

function hear(event: Fields, root: string, tools: readonly ToolServer[]): Heard {
  const part = fieldsOf(event.part)
  switch (event.type) {
    case 'text': {
      const words = textOf(part.text)
      return { told: saying(words), words }
    }
    case 'reasoning':
      return { told: showing('thinks') }
    case 'tool_use':
      return { told: use(textOf(part.tool), fieldsOf(part.state), root, tools) }
    case 'step_finish': {
      const tokens = fieldsOf(part.tokens)
      const { read, write } = fieldsOf(tokens.cache)
      const step = {
        reason: textOf(part.reason),
        input: numberOf(tokens.input) + numberOf(read) + numberOf(write),
        output: numberOf(tokens.output) + numberOf(tokens.reasoning),
        costUsd: numberOf(part.cost),
      }
      return { told: [], step }
    }
    case 'error': {
      const { name, data } = fieldsOf(event.error)
      const { message, statusCode } = fieldsOf(data)
      return { told: [], fault: { name: textOf(name), message: textOf(message), status: numberOf(statusCode) } }
    }
    default:
      return { told: [] }
  }
}

/** A tool is told when it has answered: OpenCode says nothing before. */
function use(tool: string, state: Fields, root: string, tools: readonly ToolServer[]): Told[] {
  const input = fieldsOf(state.input)
  const { exit } = fieldsOf(state.metadata)
  const said = textOf(state.output)
  const isBroken = typeof exit === 'number' && exit !== 0
  const result =
    state.status === 'error'
      ? output(textOf(state.error), true)
      : output(isBroken ? `exit code ${exit}\n${said}` : said, isBroken || tool === 'invalid')
  return [...begin(tool, input, root, tools), ...result]
}

function begin(tool: string, input: Fields, root: string, tools: readonly ToolServer[]): Told[] {
  const file = pathIn(root, textOf(input.filePath ?? input.path))
  switch (tool) {
    case 'read':
      return doing(`reads ${file}`)
    case 'write':
      return doing(`writes ${file}`)
    case 'edit':
    case 'multiedit':
      return doing(`edits ${file}`)
    case 'apply_patch':
      return doing(patched(textOf(input.patchText), root))
    case 'bash':
      return running(textOf(input.command))
    case 'list':
      return doing(`looks into ${file}`)
    case 'glob':
    case 'grep':
      return doing(`searches for ${textOf(input.pattern)}`)
    case 'webfetch':
      return doing(`fetches ${textOf(input.url)}`)
    case 'websearch':
      return doing(`searches the web for ${textOf(input.query)}`)
    case 'task':
      return doing(`asks a helper: ${textOf(input.description)}`)
    case 'skill':
      return doing(`uses the skill ${textOf(input.name)}`)
    case 'todowrite':
    case 'todoread':
      return doing('plans its work')
    case 'invalid':
      return doing(`wants to use ${textOf(input.tool)}`)
    default:
      return doing(serverUse(tool, tools) ?? `uses ${tool}`)
  }
}

/** `*** Update File: src/a.ts`, for every file. */
function patched(patch: string, root: string): string {
  const verbs: Readonly<Record<string, string>> = { Add: 'writes', Update: 'edits', Delete: 'removes' }
  const files = [...patch.matchAll(/^\*\*\* (Add|Update|Delete) File: (.+)$/gm)]
  return files.map(([, verb = '', path = '']) => `${verbs[verb]} ${pathIn(root, path)}`).join(', ') || 'edits files'
}

/** `jira_get_issue`: where the name of the server ends, only those who named it know. */
function serverUse(tool: string, tools: readonly ToolServer[]): string | undefined {
  const server = tools.map(({ name }) => name).find((name) => tool.startsWith(`${name}_`))
  return server === undefined ? undefined : serverTool(server, tool.slice(server.length + 1))
}
