/** Gemini CLI's stream-json, one line → what it tells. Pure; unknown events tell nothing, so a newer version still works. */

import type { Told, ToolServer } from './agent.ts'
import {
  doing,
  type Fields,
  fieldsIn,
  fieldsOf,
  noting,
  numberOf,
  output,
  pathIn,
  running,
  saying,
  serverTool,
  textOf,
} from './telling.ts'

/** The `result` event: the last word of a run. */
export type Result = {
  readonly isSuccess: boolean
  readonly message: string
  readonly input: number
  readonly output: number
}

export type Heard = {
  readonly told: readonly Told[]
  /** Its name of the conversation. */
  readonly session?: string
  /** A piece of the agent's words: they come bit by bit. */
  readonly piece?: string
  readonly result?: Result
}

/** `root` is the clone: paths below it are shown relative to it. */
export function translate(line: string, root: string, tools: readonly ToolServer[]): Heard {
  const event = fieldsIn(line)
  if (event === undefined) return { told: saying(line) }
  switch (event.type) {
    case 'init':
      return { told: noting(`Gemini CLI, model ${textOf(event.model)}`), session: textOf(event.session_id) }
    case 'message':
      return event.role === 'assistant' ? { told: [], piece: textOf(event.content) } : { told: [] }
    case 'tool_use':
      return { told: use(textOf(event.tool_name), fieldsOf(event.parameters), root, tools) }
    case 'tool_result':
      return { told: answered(event) }
    case 'error':
      return { told: saying(`${textOf(event.severity) || 'error'}: ${textOf(event.message)}`) }
    case 'result': {
      const stats = fieldsOf(event.stats)
      const result = {
        isSuccess: event.status === 'success',
        message: textOf(fieldsOf(event.error).message),
        input: numberOf(stats.input_tokens),
        output: numberOf(stats.output_tokens),
      }
      return { told: [{ kind: 'done' }], result }
    }
    default:
      return { told: [] }
  }
}

function use(tool: string, input: Fields, root: string, tools: readonly ToolServer[]): Told[] {
  const file = pathIn(root, textOf(input.file_path ?? input.absolute_path ?? input.dir_path ?? input.path))
  switch (tool) {
    case 'read_file':
      return doing(`reads ${file}`)
    case 'write_file':
      return doing(`writes ${file}`)
    case 'replace':
      return doing(`edits ${file}`)
    case 'list_directory':
      return doing(`looks into ${file}`)
    case 'run_shell_command':
      return running(textOf(input.command))
    case 'glob':
    case 'grep_search':
    case 'search_file_content':
      return doing(`searches for ${textOf(input.pattern)}`)
    case 'web_fetch':
      return doing(`fetches ${textOf(input.url ?? input.prompt)}`)
    case 'google_web_search':
      return doing(`searches the web for ${textOf(input.query)}`)
    case 'write_todos':
    case 'update_topic':
      return doing('plans its work')
    case 'invoke_agent':
      return doing('asks a helper')
    case 'activate_skill':
      return doing(`uses the skill ${textOf(input.name)}`)
    default:
      return doing(serverUse(tool, tools) ?? `uses ${tool}`)
  }
}

/** `mcp_jira_get_issue`: where the name of the server ends, only those who named it know. */
function serverUse(tool: string, tools: readonly ToolServer[]): string | undefined {
  const server = tools.map(({ name }) => name).find((name) => tool.startsWith(`mcp_${name}_`))
  return server === undefined ? undefined : serverTool(server, tool.slice(`mcp_${server}_`.length))
}

/** A command that failed is a success here; what it says of its exit code is in its output. */
function answered({ status, output: said, error }: Fields): Told[] {
  const isFailure = status === 'error'
  return output((isFailure && textOf(fieldsOf(error).message)) || textOf(said), isFailure)
}
