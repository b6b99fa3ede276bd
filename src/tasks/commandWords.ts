/** What stands behind the trigger → Command: an order only if all of it fits the order's grammar, otherwise a prompt. */

import { type BadFlag, type Flags, isModelName, parseBudget, readFlags } from './commandFlags.ts'
import { nearest } from './nearest.ts'

export const ORDERS = ['help', 'status', 'stop', 'retry', 'go', 'plan', 'budget', 'model'] as const
export type OrderWord = (typeof ORDERS)[number]

export type Command =
  | { readonly command: 'prompt' | 'plan'; readonly prompt: string; readonly flags: Flags }
  | { readonly command: 'retry' | 'go'; readonly flags: Flags }
  | { readonly command: 'help' }
  | { readonly command: 'status' }
  | { readonly command: 'stop' }
  /** US dollars. */
  | { readonly command: 'budget'; readonly budget: number }
  | { readonly command: 'model'; readonly model: string }
  | { readonly command: 'misspelt'; readonly word: string; readonly nearest: OrderWord }
  /** What belongs behind an order or behind flags is missing. */
  | { readonly command: 'incomplete'; readonly what: 'plan' | 'budget' | 'model' | 'flags' }
  | BadFlag
  | { readonly command: 'too-long'; readonly bytes: number; readonly limit: number }
  /** The trigger stands further down in the comment than is searched; `limit` in characters. */
  | { readonly command: 'too-far'; readonly limit: number }

/** 100 KB: what a person writes by hand stays far below, and a prompt still fits every agent's standard input. */
export const PROMPT_LIMIT = 100 * 1024

/** No order is longer, courtesies included; what is longer is not searched for one. */
const LONGEST_ORDER = 200

/** Words that other programs have for our orders; alone they would be poor prompts. */
const SYNONYMS: Readonly<Record<string, OrderWord>> = {
  cancel: 'stop',
  abort: 'stop',
  halt: 'stop',
  kill: 'stop',
  again: 'retry',
  redo: 'retry',
  rerun: 'retry',
  restart: 'retry',
  resume: 'retry',
  continue: 'retry',
  proceed: 'go',
  approve: 'go',
  yes: 'go',
  ok: 'go',
  okay: 'go',
  lgtm: 'go',
  info: 'status',
}

/** The flags that `retry` and `go` have a use for: where the work begins was settled when it began. */
const FLAGS_OF_ORDERS: readonly (keyof Flags)[] = ['agent', 'model', 'budget', 'draft']

/** `rest`: a comment's text behind the trigger, without white space at its ends. */
export function parseWords(rest: string): Command {
  if (rest === '') return { command: 'help' }
  const dashed = /^--(help|status|stop|retry|go|plan)$/i.exec(rest)?.[1]
  const meant = dashed === undefined ? undefined : orderAlone(dashed)
  if (meant !== undefined) return { command: 'misspelt', word: rest, nearest: meant }
  const read = readFlags(rest)
  if ('command' in read) return read
  const { flags, rest: words } = read
  if (words === '') return { command: 'incomplete', what: 'flags' }
  return parsePlan(words, flags) ?? parseOrder(words, flags) ?? prompt('prompt', words, flags)
}

function prompt(command: 'prompt' | 'plan', words: string, flags: Flags): Command {
  const bytes = Buffer.byteLength(words)
  return bytes > PROMPT_LIMIT ? { command: 'too-long', bytes, limit: PROMPT_LIMIT } : { command, prompt: words, flags }
}

function parsePlan(words: string, given: Flags): Command | undefined {
  const plan = /^plan(?:[:,]?\s+|[\p{P}\s]*$)/iu.exec(words.slice(0, LONGEST_ORDER))
  if (plan === null) return undefined
  const read = readFlags(words.slice(plan[0].length), given)
  if ('command' in read) return read
  return read.rest === '' ? { command: 'incomplete', what: 'plan' } : prompt('plan', read.rest, read.flags)
}

function parseOrder(words: string, given: Flags): Command | undefined {
  if (words.length > LONGEST_ORDER) return undefined
  const { order, flags } = splitFlags(words, given)
  if ('command' in flags) return flags
  const found = parseValue(order) ?? parseBare(order, flags)
  if (found === undefined || found.command === 'misspelt') return found
  const [useless] = Object.keys(flags).filter((flag) => {
    return !('flags' in found) || !FLAGS_OF_ORDERS.some((useful) => useful === flag)
  })
  return useless === undefined ? found : { command: 'bad-flag', flag: `--${useless}`, why: 'not-here' }
}

/** `retry --model opus`: flags behind an order's word, if nothing else is there and all of them are ours, or nearly. */
function splitFlags(words: string, given: Flags): { readonly order: string; readonly flags: Flags | BadFlag } {
  const none = { order: words, flags: given }
  const [, order = '', behind = ''] = /^([a-z]+)\s+((?:--|[—–])[a-z].*)$/is.exec(words) ?? []
  if (orderAlone(order) === undefined) return none
  const read = readFlags(behind, given)
  if (!('command' in read)) return read.rest === '' ? { order, flags: read.flags } : none
  const values = behind.replace(/(?:--|[—–])[a-z][\w-]*(?:(?:=|[ \t]+)(?![-—–])\S+)?/gi, '')
  const near = read.why !== 'unknown' || read.nearest !== undefined
  return near && values.trim() === '' ? { order, flags: read } : none
}

/** `budget 5`, `model opus`; `model` alone lacks something. */
function parseValue(order: string): Command | undefined {
  const [, word = '', value = ''] = /^([a-z]+)(?:[\s:=]+(\S.*))?$/i.exec(order.replace(/[.!\s]+$/, '')) ?? []
  const lower = word.toLowerCase()
  if (value === '') return lower === 'budget' || lower === 'model' ? { command: 'incomplete', what: lower } : undefined
  if (lower === 'model') return isModelName(value) ? { command: 'model', model: value } : undefined
  if (!/^[$€£+-]*\d[\d.,]*\s*(?:[$€£]|usd|dollars?)?$/i.test(value)) return undefined
  if (lower !== 'budget') {
    return nearest(lower, ['budget']) === undefined ? undefined : { command: 'misspelt', word, nearest: 'budget' }
  }
  const budget = parseBudget(value.replace(/dollars?$/i, ''))
  if (typeof budget === 'number') return { command: 'budget', budget }
  return { command: 'bad-flag', flag: 'budget', why: budget, value }
}

function parseBare(order: string, flags: Flags): Command | undefined {
  const word = bare(order)
  switch (word) {
    case '':
    case 'help':
      return { command: 'help' }
    case 'status':
    case 'stop':
      return { command: word }
    case 'retry':
    case 'go':
      return { command: word, flags }
    case 'go ahead':
      return { command: 'go', flags }
  }
  if (!/^[a-z]+$/.test(word)) return undefined
  const meant = SYNONYMS[word] ?? nearest(word, ORDERS)
  return meant === undefined ? undefined : { command: 'misspelt', word: order, nearest: meant }
}

function orderAlone(text: string): OrderWord | undefined {
  const word = text.toLowerCase()
  return ORDERS.find((known) => known === word)
}

/** An order without what politeness, haste and invisible characters add to it: `Stop!`, `please stop`, `"stop"`, `stop now 🙏`. */
function bare(order: string): string {
  const plain = (text: string): string => text.replace(/^[\s\p{P}\p{S}\p{M}\p{Cf}]+|[\s\p{P}\p{S}\p{M}\p{Cf}]+$/gu, '')
  return plain(
    plain(order.replace(/\p{Cf}/gu, ''))
      .toLowerCase()
      .replace(/^(?:please|pls)\b|\b(?:please|pls|now|thanks|thank you)$/g, ''),
  )
}
