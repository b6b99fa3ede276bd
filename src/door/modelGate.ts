/** Lets a request's body pass while it comes, and stops it before its end if it asks for what is not allowed. */

import { Transform } from 'node:stream'
import { readFields } from './modelFields.ts'
import { fits } from './modelPattern.ts'
import { LATER, notAllowed, type Refusal, UNREADABLE } from './modelRefusal.ts'

/** One body on its way. */
export type Gate = {
  /** The body, unchanged. It fails where `refusal` is set, before the byte that would have made the request whole. */
  readonly stream: Transform
  readonly refusal: Refusal | undefined
  /** What the body names, once it is whole; undefined if it names none, or two. */
  readonly model: string | undefined
  /** Bytes that came. */
  readonly size: number
  /** Whether all of it has passed. */
  readonly whole: boolean
}

/**
 * `allow`: patterns, or undefined where any model will do; then a body may also be no JSON. An answer that is to be worked
 * out later (`background`) is refused in any case: it would cost what nobody could count.
 */
export function createGate(allow: readonly string[] | undefined): Gate {
  const body = readBody()
  let refusal: Refusal | undefined
  let size = 0
  let whole = false

  function judge(): Refusal | undefined {
    if (body.later) return LATER
    if (allow === undefined) return undefined
    const model = body.model
    return model === undefined ? UNREADABLE : isAllowed(model, allow) ? undefined : notAllowed(model, allow)
  }

  const stream = new Transform({
    transform(chunk: Buffer, _, done) {
      body.write(chunk)
      size += chunk.length
      // Judged before the piece with its end goes on: a server may begin as soon as the JSON is complete.
      refusal = body.state === 'open' ? undefined : judge()
      if (refusal === undefined) done(null, chunk)
      else done(new Error(refusal.message))
    },
    flush(done) {
      refusal = judge()
      whole = refusal === undefined
      done(refusal === undefined ? null : new Error(refusal.message))
    },
  })
  return {
    stream,
    get refusal() {
      return refusal
    },
    get model() {
      return body.model
    },
    get size() {
      return size
    },
    get whole() {
      return whole
    },
  }
}

/** Whether the list of models, if there is one, has it. */
export function isAllowed(model: string, allow: readonly string[] | undefined): boolean {
  return allow === undefined || allow.some((pattern) => fits(model, pattern))
}

/**
 * The `model` of a JSON object that comes in pieces, once it is whole. Parsers differ in which of two they take, and some do
 * not mind upper case: what could be read in two ways has none.
 */
function readBody() {
  let named = 0
  let model: unknown
  let later = false
  const fields = readFields({
    want([key = '', ...deeper]) {
      const name = deeper.length > 0 ? '' : key.toLowerCase()
      if (name === 'model') named += 1
      return name === 'model' || name === 'background'
    },
    take([key = ''], value) {
      if (key === 'model') model = value
      else if (key.toLowerCase() === 'background') later ||= value !== false && value !== null
    },
  })
  return {
    write: fields.write,
    get state() {
      return fields.state
    },
    get later() {
      return later
    },
    get model(): string | undefined {
      return fields.state === 'complete' && named === 1 && typeof model === 'string' ? model : undefined
    },
  }
}
