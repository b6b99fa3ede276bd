/** What Claude Code does with a tool, in words for people: "reads src/a.ts". Pure. */

import type { Told } from './agent.ts'
import { doing, type Fields, pathIn, running, serverTool, textOf } from './telling.ts'

/** `root` is the clone. */
export function tellUse(tool: string, input: Fields, root: string): Told[] {
  const command = textOf(input.command)
  return tool === 'Bash' && command !== '' ? running(command) : doing(describe(tool, input, root))
}

function describe(tool: string, input: Fields, root: string): string {
  const file = pathIn(root, textOf(input.file_path ?? input.notebook_path ?? input.path))
  switch (tool) {
    case 'Read':
      return `reads ${file}`
    case 'Write':
      return `writes ${file}`
    case 'Edit':
    case 'MultiEdit':
    case 'NotebookEdit':
      return `edits ${file}`
    case 'Grep':
    case 'Glob':
      return `searches for ${textOf(input.pattern)}`
    case 'WebFetch':
      return `fetches ${textOf(input.url)}`
    case 'WebSearch':
      return `searches the web for ${textOf(input.query)}`
    case 'Task':
    case 'Agent':
      return `asks a helper: ${textOf(input.description)}`
    case 'Skill':
      return `uses the skill ${textOf(input.skill)}`
    case 'ToolSearch':
      return 'looks for a tool'
    case 'TodoWrite':
    case 'TaskCreate':
    case 'TaskUpdate':
      return 'plans its work'
    default: {
      const [server = '', ...name] = tool.startsWith('mcp__') ? tool.slice('mcp__'.length).split('__') : []
      return server === '' ? `uses ${tool}` : serverTool(server, name.join(' '))
    }
  }
}
