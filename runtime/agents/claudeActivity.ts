/** What Claude Code does with a tool, in words for people: "reads src/a.ts". Pure. */

import { relative } from 'node:path'

type Input = Readonly<Record<string, unknown>>

const LONGEST = 120

/** One line in the third person. `root` is the clone: paths below it are shown relative to it. */
export function describe(tool: string, input: Input, root: string): string {
  return oneLine(words(tool, input, root))
}

function words(tool: string, input: Input, root: string): string {
  const path = string(input.file_path ?? input.notebook_path ?? input.path)
  const file = path.startsWith('/') && !relative(root, path).startsWith('..') ? relative(root, path) || '.' : path
  switch (tool) {
    case 'Read':
      return `reads ${file}`
    case 'Write':
      return `writes ${file}`
    case 'Edit':
    case 'MultiEdit':
    case 'NotebookEdit':
      return `edits ${file}`
    case 'Bash':
      return `runs ${string(input.command)}`
    case 'Grep':
    case 'Glob':
      return `searches for ${string(input.pattern)}`
    case 'WebFetch':
      return `fetches ${string(input.url)}`
    case 'WebSearch':
      return `searches the web for ${string(input.query)}`
    case 'Task':
    case 'Agent':
      return `asks a helper: ${string(input.description)}`
    case 'Skill':
      return `uses the skill ${string(input.skill)}`
    case 'ToolSearch':
      return 'looks for a tool'
    case 'TodoWrite':
    case 'TaskCreate':
    case 'TaskUpdate':
      return 'plans its work'
    default:
      return tool.startsWith('mcp__') ? `uses ${serverTool(tool)}` : `uses ${tool}`
  }
}

/** `mcp__jira__get_issue` → `jira: get issue`. */
function serverTool(tool: string): string {
  const [server = '', ...name] = tool.slice('mcp__'.length).split('__')
  return `${server}: ${name.join(' ').replaceAll('_', ' ')}`
}

function string(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function oneLine(text: string): string {
  const first = text.trim().split('\n', 1)[0] ?? ''
  return first.length > LONGEST ? `${first.slice(0, LONGEST - 1)}…` : first
}
