/** `.mcp.json`, as Claude Code reads it → the tool servers that a run can start, and a sentence for each that it cannot. Pure. */

import type { ToolServer } from './agents/agent.ts'
import type { Environment } from './environment.ts'

export type RepositoryTools = { readonly tools: readonly ToolServer[]; readonly warnings: readonly string[] }

/** What agents turn into the names of tools. */
const NAME = /^[A-Za-z0-9][\w-]{0,63}$/
const VARIABLE = /\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g

/** `env` fills `${NAME}` and `${NAME:-otherwise}`; `taken` are names that the operator's servers have. */
export function readRepositoryTools(text: string, env: Environment, taken: readonly string[]): RepositoryTools {
  const servers = serversIn(text)
  if (servers === undefined)
    return { tools: [], warnings: ['The tools of `.mcp.json` are missing, as it is not valid.'] }
  const tools: ToolServer[] = []
  const warnings: string[] = []
  for (const [name, server] of Object.entries(servers)) {
    const tool = taken.includes(name)
      ? 'is left out, as the operator has one of that name'
      : readServer(name, server, env)
    if (typeof tool === 'string') warnings.push(`The tool server \`${name.slice(0, 80)}\` of \`.mcp.json\` ${tool}.`)
    else tools.push(tool)
  }
  return { tools, warnings }
}

function serversIn(text: string): object | undefined {
  try {
    const file: unknown = JSON.parse(text)
    const servers = isObject(file) ? file.mcpServers : undefined
    return isObject(servers) ? servers : undefined
  } catch {
    return undefined
  }
}

/** The server, or what is wrong with it: the end of a sentence. */
function readServer(name: string, server: unknown, env: Environment): ToolServer | string {
  if (!NAME.test(name)) return 'is left out, as its name is none that agents take'
  if (!isObject(server)) return 'is left out, as it is not valid'
  const { type = 'stdio', command, args = [], env: own = {}, url } = server
  if (type !== 'stdio' || url !== undefined)
    return 'is left out, as a run reaches no servers elsewhere: ask the operator to configure it for Errand'
  if (typeof command !== 'string' || command === '' || !isTexts(args) || !isObject(own) || !isTexts(Object.values(own)))
    return 'is left out, as it is not valid'
  const missing = new Set<string>()
  const fill = (value: string) =>
    value.replace(VARIABLE, (_, variable: string, otherwise?: string) => {
      const filled = env[variable] ?? otherwise
      if (filled === undefined) missing.add(variable)
      return filled ?? ''
    })
  const tool = {
    name,
    command: [command, ...args].map(fill),
    env: Object.fromEntries(Object.entries(own).map(([key, value]) => [key, fill(String(value))])),
  }
  if (missing.size === 0) return tool
  const which = [...missing].map((variable) => `\`${variable}\``).join(', ')
  return `is left out, as it needs ${which}, and a run holds no secrets: ask the operator to configure it for Errand`
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
