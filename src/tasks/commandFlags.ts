/** The flags before a prompt, `--model opus --budget 5 --draft`: text → what they say and what follows them, or what is wrong with one. */

import { nearest } from './nearest.ts'

export const FLAGS = ['agent', 'model', 'branch', 'budget', 'draft'] as const
export type FlagName = (typeof FLAGS)[number]

export type Flags = {
  readonly agent?: string
  readonly model?: string
  /** Where the work begins and the merge request goes to, never where it is pushed. */
  readonly branch?: string
  /** US dollars. */
  readonly budget?: number
  readonly draft?: true
}

/** Why a flag, or the value of an order, is not taken; the words are gitlab/answer.ts's. */
export type FlagTrouble =
  | 'unknown'
  | 'no-value'
  | 'takes-no-value'
  | 'not-a-number'
  | 'too-small'
  | 'too-large'
  | 'not-a-name'
  | 'twice'
  /** The order it stands with has no use for it. */
  | 'not-here'

export type BadFlag = {
  readonly command: 'bad-flag'
  /** As it was written, `--modle`; the order's word where it is the order's value. */
  readonly flag: string
  readonly why: FlagTrouble
  readonly value?: string
  readonly nearest?: FlagName
}

/** US dollars that a task may be given at least and at most: beyond, a number is a slip. */
export const LEAST_BUDGET = 0.01
export const MOST_BUDGET = 10_000

/** What people call our flags elsewhere. */
const SYNONYMS: Readonly<Record<string, FlagName>> = {
  base: 'branch',
  target: 'branch',
  from: 'branch',
  ref: 'branch',
  cost: 'budget',
  money: 'budget',
  wip: 'draft',
}

/** A telephone makes a long dash of two short ones. */
const FLAG = /^(--|[—–])([a-z][\w-]*)(?=[\s=]|$)/i

export type ReadFlags = { readonly flags: Flags; readonly rest: string }

/** Reads flags until something else comes; `--` alone ends them, for a prompt that begins with a dash. `given`: flags that were read before. */
export function readFlags(text: string, given: Flags = {}): ReadFlags | BadFlag {
  const flags: { -readonly [Name in FlagName]?: Flags[Name] } = { ...given }
  let rest = text.trimStart()
  for (;;) {
    const end = /^--(?:\s+|$)/.exec(rest)
    if (end !== null) return { flags, rest: rest.slice(end[0].length) }
    const [written, dash = '', word = ''] = FLAG.exec(rest) ?? []
    if (written === undefined) return strange(rest) ?? { flags, rest }
    const name = FLAGS.find((known) => known === word.toLowerCase())
    if (name === undefined) {
      const meant = nearestFlag(word)
      // A long dash may be just that.
      if (dash !== '--' && meant === undefined) return { flags, rest }
      return bad(written, 'unknown', undefined, meant)
    }
    if (flags[name] !== undefined) return bad(written, 'twice')
    const behind = rest.slice(written.length)
    if (name === 'draft') {
      if (behind.startsWith('=')) return bad(written, 'takes-no-value')
      flags.draft = true
      rest = behind.trimStart()
      continue
    }
    const { whole, value } = readValue(behind)
    if (value === undefined || value === '') return bad(written, 'no-value')
    rest = behind.slice(whole.length).trimStart()
    if (name === 'budget') {
      const budget = parseBudget(value)
      if (typeof budget === 'string') return bad(written, budget, value)
      flags.budget = budget
    } else if (!NAMES[name](value)) return bad(written, 'not-a-name', value)
    else flags[name] = name === 'agent' ? value.toLowerCase() : value
  }
}

/** `5`, `$5`, `5.50`, `5,50`, `5 USD` → US dollars, or why not. */
export function parseBudget(written: string): number | 'not-a-number' | 'too-small' | 'too-large' {
  const digits = /^\$?(-?\d{1,15}(?:[.,]\d{1,2})?)(?:\$|usd)?$/i.exec(written.replace(/\s+/g, ''))?.[1]
  if (digits === undefined) return 'not-a-number'
  const dollars = Number(digits.replace(',', '.'))
  if (dollars < LEAST_BUDGET) return 'too-small'
  return dollars > MOST_BUDGET ? 'too-large' : dollars
}

export function isModelName(value: string): boolean {
  return /^[a-z0-9][\w.:/@+[\]-]{0,99}$/i.test(value)
}

function nearestFlag(word: string): FlagName | undefined {
  return SYNONYMS[word.toLowerCase()] ?? nearest(word, FLAGS)
}

const NAMES: Readonly<Record<'agent' | 'model' | 'branch', (value: string) => boolean>> = {
  agent: (value) => /^[a-z][\w-]{0,39}$/i.test(value),
  model: isModelName,
  /** git-check-ref-format(1), and no dash first, which would be an option to git. */
  branch: isBranchName,
}

export function isBranchName(value: string): boolean {
  return /^[^-/][^\s~^:?*[\\\p{Cc}]{0,254}$/u.test(value) && !/\.\.|@\{|\/\/|\/\.|^\.|[/.]$|\.lock(?:\/|$)/.test(value)
}

/** What looks like a flag and can be none: `--foo.bar`, `-model`. */
function strange(rest: string): BadFlag | undefined {
  const [token = ''] = /^--\w\S{0,60}|^-[a-z]+(?=[\s=]|$)/i.exec(rest) ?? []
  if (token === '') return undefined
  const word = token.replace(/^-+/, '')
  if (token.startsWith('--')) return bad(token, 'unknown', undefined, nearestFlag(word))
  // A single dash begins a list, or is part of a prompt, unless it is exactly one of ours.
  const name = FLAGS.find((known) => known === word.toLowerCase())
  return name === undefined ? undefined : bad(token, 'unknown', undefined, name)
}

/** What stands behind a flag's name, in its own line: `=value`, ` value`, with quotes or backticks around it or without. */
function readValue(behind: string): { readonly whole: string; readonly value?: string } {
  const found = /^(?:=|[ \t]+(?!--))(?:"([^"\n]*)"|'([^'\n]*)'|`([^`\n]*)`|([^\s"'`]\S*))?/.exec(behind)
  if (found === null) return { whole: '' }
  const value = found.slice(1).find((group) => group !== undefined)
  return { whole: found[0], ...(value === undefined ? {} : { value }) }
}

function bad(flag: string, why: FlagTrouble, value?: string, meant?: FlagName): BadFlag {
  return {
    command: 'bad-flag',
    flag: flag.replace(/^[—–]/, '--'),
    why,
    ...(value === undefined ? {} : { value }),
    ...(meant === undefined ? {} : { nearest: meant }),
  }
}
