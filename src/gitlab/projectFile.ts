/** The text of `.gitlab/agent.yml` → what it sets, and what in it is not understood. A wrong key costs only itself: the rest counts. */

import { type Document, isAlias, isMap, isScalar, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml'
import { z } from 'zod'
import { nearest } from '../tasks/nearest.ts'
import { inlineCode } from './inert.ts'
import { AgentFile, expected, type ProjectSettings } from './projectFileSchema.ts'

export const PROJECT_FILE = '.gitlab/agent.yml'

/** From 1, as editors count. */
export type Where = { readonly line: number; readonly column: number }

export type Problem = Where & {
  /** With points between its parts, `limits.budget`; empty for the file as a whole. */
  readonly key: string
  readonly problem: string
  readonly cure: string
}

export type ProjectFile = {
  readonly settings: ProjectSettings
  readonly problems: readonly Problem[]
  /** Where each key that counts stands. */
  readonly places: ReadonlyMap<string, Where>
}

/** Bytes: a file by hand stays far below. */
export const LARGEST = 64 * 1024
/** More problems than these nobody reads. */
const MOST_PROBLEMS = 20
/** `*name` may stand for something this often: more is how a small file becomes a large one. */
const ALIASES = 20

export function parseProjectFile(text: string): ProjectFile {
  if (Buffer.byteLength(text) > LARGEST) {
    return nothing({ line: 1, column: 1 }, 'it has more than 64 KB', 'Until it is smaller nothing in it counts.')
  }
  const lines = new LineCounter()
  let document: Document
  try {
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return nothing({ line: 1, column: 1 }, 'it is nested too deeply', 'Nest it as the documentation does.')
  }
  const where = (offset: number): Where => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const [error] = document.errors
  if (error !== undefined) {
    return nothing(where(error.pos[0]), `it is no YAML: ${sentence(error.message)}`, 'Until then nothing in it counts.')
  }
  const { contents } = document
  if (contents === null || (isScalar(contents) && contents.value === null))
    return { settings: {}, problems: [], places: new Map() }
  if (!isMap(contents)) return nothing(where(startOf(contents)), 'it holds no keys', 'Write it as `key: value`.')
  const reading: Reading = { document, where, problems: [], places: new Map() }
  const settings = readMap(contents, AgentFile, [], reading)
  // Each value was checked by its own schema.
  return {
    settings: settings as ProjectSettings,
    problems: reading.problems.slice(0, MOST_PROBLEMS),
    places: reading.places,
  }
}

/** A problem as the next task's author reads it. */
export function hintOf({ line, column, key, problem, cure }: Problem): string {
  const what = key === '' ? problem : `\`${key}\` ${problem}`
  return `\`${PROJECT_FILE}\`, line ${line}, column ${column}: ${what}. ${cure}`
}

type Reading = {
  readonly document: Document
  readonly where: (offset: number) => Where
  readonly problems: Problem[]
  readonly places: Map<string, Where>
}

function readMap(
  map: YAMLMap,
  schema: z.ZodObject,
  path: readonly string[],
  reading: Reading,
): Record<string, unknown> {
  const { document, where, problems, places } = reading
  const settings: Record<string, unknown> = {}
  for (const { key: node, value } of map.items) {
    const name = isScalar(node) ? String(node.value) : '?'
    const place = where(startOf(node))
    const key = [...path, name].join('.')
    const complain = (problem: string, cure: string, at = place) =>
      problems.push({ ...at, key: shortKey(key), problem, cure })
    const child = schema.shape[name] as z.ZodOptional<z.ZodType> | undefined
    if (child === undefined) {
      const meant = nearest(name, Object.keys(schema.shape))
      const known = Object.keys(schema.shape).map((one) => `\`${one}\``)
      complain('is no setting', meant === undefined ? `There are ${known.join(', ')}.` : `Did you mean \`${meant}\`?`)
      continue
    }
    const meant = resolve(value, document)
    if (meant === null || meant === undefined || (isScalar(meant) && meant.value === null)) {
      complain('has no value', 'Give it one, or remove the line.')
      continue
    }
    const inner = child.unwrap()
    if (inner instanceof z.ZodObject) {
      if (isMap(meant)) settings[name] = readMap(meant, inner, [...path, name], reading)
      else
        complain(
          'has keys below it',
          `Write them in lines of their own, pushed in: ${Object.keys(inner.shape).join(', ')}.`,
        )
      continue
    }
    const plain = toPlain(meant, document)
    const parsed = plain === undefined ? undefined : inner.safeParse(plain.value)
    if (parsed?.success === true) {
      settings[name] = parsed.data
      places.set(key, place)
      continue
    }
    const at = isAlias(value) ? value : nodeAt(meant, parsed?.error.issues[0]?.path ?? [])
    const wrong = plain === undefined ? 'too many aliases' : describe(toPlain(at, document)?.value)
    const cure = `It should be ${expected.get(child)?.expects ?? 'something else'}.${plain === undefined ? '' : quotes(plain.value, inner)}`
    complain(`${at === meant || isAlias(value) ? 'is' : 'holds'} ${wrong}`, cure, where(startOf(at)))
  }
  return settings
}

function resolve(value: unknown, document: Document): Node | null | undefined {
  return isAlias(value) ? value.resolve(document) : (value as Node | null)
}

function toPlain(node: Node, document: Document): { readonly value: unknown } | undefined {
  try {
    return { value: node.toJS(document, { maxAliasCount: ALIASES }) }
  } catch (error) {
    if (error instanceof ReferenceError) return undefined
    throw error
  }
}

/** The item of a list that a complaint is about, or the whole. */
function nodeAt(node: Node, path: readonly PropertyKey[]): Node {
  const [index] = path
  const item = typeof index === 'number' && 'items' in node ? node.items[index] : undefined
  return item !== undefined && item !== null && typeof item === 'object' && 'range' in item ? (item as Node) : node
}

function startOf(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  switch (typeof value) {
    case 'string':
      return value.length > 60 ? `a text of ${value.length} characters` : `the text ${inlineCode(value)}`
    case 'number':
      return `the number ${value}`
    case 'boolean':
      return String(value)
    default:
      return value === null ? 'empty' : 'a group of keys'
  }
}

/** YAML takes `4.5` for a number and `yes` for a text. */
function quotes(value: unknown, schema: z.ZodType): string {
  const text = String(value)
  return typeof value === 'number' && schema.safeParse(text).success ? ` In quotes it is: \`"${text}"\`.` : ''
}

function sentence(message: string): string {
  return inlineCode(message.split('\n')[0] ?? '')
}

function shortKey(key: string): string {
  return key.replace(/[`\n]/g, "'").slice(0, 80)
}

function nothing(at: Where, problem: string, cure: string): ProjectFile {
  return { settings: {}, problems: [{ ...at, key: '', problem, cure }], places: new Map() }
}
