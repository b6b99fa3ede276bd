/** What an agent's events tell, in words for people: the same way for every agent. Pure. */

import { relative } from 'node:path'
import { marked, unmarked } from '../logMarks.ts'
import type { Told, ToolServer } from './agent.ts'

export type Fields = Readonly<Record<string, unknown>>

/** More of one tool's output is cut in the log: agents show their models about as much. */
const LONGEST_OUTPUT = 16_000
const LONGEST_ACTIVITY = 120

/** The object that a line of JSON lines is; undefined for any other text. */
export function fieldsIn(line: string): Fields | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return fieldsOf(JSON.parse(line))
  } catch {
    return undefined
  }
}

/** What is no object has no fields. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}

/** Objects of a list; what is no list is an empty one. */
export function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : []
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0
}

/** What it does now, shown and in the log: "reads src/a.ts". */
export function doing(text: string): Told[] {
  return [...showing(text), { kind: 'log', text: marked('> ', oneLine(text)) }]
}

/** What it does now, for those who watch: too little to be kept in the log. */
export function showing(text: string): Told[] {
  return [{ kind: 'activity', text: oneLine(text) }]
}

/** A command, as a person would have typed it. */
export function running(command: string): Told[] {
  return [...showing(`runs ${command}`), { kind: 'log', text: marked('$ ', command) }]
}

/** Waits for the model; `why` as "status 429, try 1 of 5". */
export function waiting(why: string): Told[] {
  return doing(`waits for the model (${why})`)
}

/** The agent's own words, Markdown; and what it printed that is not understood. */
export function saying(text: string): Told[] {
  return text === '' ? [] : [{ kind: 'log', text: unmarked(text) }]
}

/** Our words about the agent. */
export function noting(text: string): Told[] {
  return [{ kind: 'log', text: marked('errand: ', text) }]
}

/** What a tool answered. */
export function output(text: string, isFailure = false): Told[] {
  const whole = text.trimEnd()
  const shown =
    whole.length > LONGEST_OUTPUT ? `${whole.slice(0, LONGEST_OUTPUT)}\n… ${whole.length} characters in all` : whole
  return shown === '' ? [] : [{ kind: 'log', text: marked(isFailure ? '! ' : '| ', shown) }]
}

/** A path as people write it: relative where it is inside the clone. */
export function pathIn(root: string, path: string): string {
  return path.startsWith('/') && !relative(root, path).startsWith('..') ? relative(root, path) || '.' : path
}

/** Names of a server's tools are joined with underlines: `get_issue` → `get issue`. */
export function serverTool(server: string, tool: string): string {
  return `uses ${server}: ${tool.replaceAll('_', ' ')}`
}

/** The sentence for a tool server that the agent did not get; `how` it went, in a few words of the agent's. */
export function withoutTool(tool: ToolServer, how: string): string {
  const why =
    'url' in tool
      ? `the server did not connect (${how}). Whoever runs Errand finds the reason in its log.`
      : `\`${tool.command[0] ?? ''}\` did not start, or did not answer (${how}).`
  return `The agent had no tools of \`${tool.name}\`: ${why}`
}

function oneLine(text: string): string {
  const first = text.trim().split('\n', 1)[0] ?? ''
  return first.length > LONGEST_ACTIVITY ? `${first.slice(0, LONGEST_ACTIVITY - 1)}…` : first
}
