/** Reads what an answer tells of itself while it passes: the model, and the tokens that it took. */

import type { Tokens } from './modelCost.ts'
import { readEvents } from './modelEvents.ts'
import { type FieldWishes, readFields } from './modelFields.ts'

/** The numbers of a provider's usage by their names, with a dot before those one level deeper. */
export type Told = ReadonlyMap<string, number>

/** Where a provider's answers tell what; paths of keys with a dot between, `[]` for the items of an array. */
export type Reading = {
  readonly usage: readonly string[]
  readonly model: readonly string[]
  /** What the model says, for an estimate where no usage is told. */
  readonly text: readonly string[]
  /** Types of events (`type`) after which a stream tells nothing more. */
  readonly last: readonly string[]
  tokens(told: Told): Tokens
}

/** What one answer came to. `estimated`: a part of it was not told, and is guessed from the bytes that passed. */
export type Metered = { readonly model: string | undefined; readonly tokens: Tokens; readonly estimated: boolean }

/** Listens to one answer. */
export type Meter = {
  read(bytes: Buffer): void
  /** Whether all is told, though more bytes may come: an agent may go on at once with its next call. */
  readonly done: boolean
  /** `cut`: the answer did not come to its end. */
  sum(cut: boolean): Metered
}

/** Bytes of text for one token: what providers advise for an estimate. */
const BYTES = 4
/** No model reads more; packed images make a body long, and not so many tokens. */
const LONGEST_INPUT = 1_000_000
/** Nobody uses more tokens in one call: it is a mistake, and must not make the sums useless. */
const MOST = 1e9

/** Of the answer to a request of so many bytes. */
export function createMeter(reading: Reading, contentType: string | undefined, sent: number): Meter {
  const told = new Map<string, number>()
  const streams = /event-stream/i.test(contentType ?? '')
  let model: string | undefined
  let text = 0
  let bytes = 0
  let last = false
  const places = [...reading.usage, ...reading.model, ...(streams ? [...reading.text, 'type'] : [])]
  const wanted = new Set(places)
  const wishes: FieldWishes = {
    want: (path) => wanted.has(path.join('.')),
    take(path, value) {
      const place = path.join('.')
      if (reading.usage.includes(place)) remember(told, value, '')
      else if (reading.model.includes(place)) model = typeof value === 'string' ? value : model
      else if (place === 'type') last ||= reading.last.includes(String(value))
      else text += lengthOf(value)
    },
  }
  const reader = streams ? undefined : readFields(wishes)
  const { write } = reader ?? readEvents(wishes)
  return {
    read(chunk) {
      bytes += chunk.length
      write(chunk)
    },
    get done() {
      return last || reader?.state === 'complete'
    },
    sum(cut) {
      const tokens = reading.tokens(told)
      const silent = told.size === 0
      if (!silent && !(cut && !last)) return { model, tokens, estimated: false }
      const input = silent ? inputOf(sent) : tokens.input
      const output = Math.max(tokens.output, Math.ceil((streams ? text : bytes) / BYTES))
      return { model, tokens: { ...tokens, input, output }, estimated: silent || output > tokens.output }
    },
  }
}

/** An estimate of what a request of so many bytes has the model read. */
export function inputOf(bytes: number): number {
  return Math.min(Math.ceil(bytes / BYTES), LONGEST_INPUT)
}

/** Usage is told again and again in a stream, and only grows: the largest number counts. */
function remember(told: Map<string, number>, value: unknown, before: string): void {
  if (typeof value !== 'object' || value === null) return
  for (const [name, number] of Object.entries(value)) {
    const key = before + name
    if (typeof number === 'number') told.set(key, Math.max(told.get(key) ?? 0, Math.min(Math.round(number), MOST)))
    else if (before === '') remember(told, number, `${name}.`)
  }
}

/** Fields of a piece of an answer that are not said by the model. */
const NOT_SAID = new Set(['type', 'role', 'id', 'index', 'finish_reason', 'finishReason', 'stop_reason'])

/** Bytes of all texts in it. Its depth is bounded by the reader of the fields. */
function lengthOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (typeof value !== 'object' || value === null) return 0
  return Object.entries(value).reduce((sum, [key, item]) => sum + (NOT_SAID.has(key) ? 0 : lengthOf(item)), 0)
}
