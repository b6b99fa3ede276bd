/** Picks single fields out of a JSON text that comes in pieces, in constant memory, however long it is. */

/** Which fields are wanted, and who gets them. */
export type FieldWishes = {
  /** Asked of each key, at most two levels deep; `path` are the keys to it, and `[]` is the level of an array. */
  want(path: readonly string[]): boolean
  /** Gets what is wanted, once it is complete; not when it is longer than 64 KiB. */
  take(path: readonly string[], value: unknown): void
}

/** Gets a text piece by piece. */
export type FieldReader = {
  /** Never throws; what follows a mistake is not read. */
  write(bytes: Buffer): void
  /** `complete`: one whole object or array, and nothing but space after it. `broken`: something that is no JSON, or nested too deep. */
  readonly state: 'open' | 'complete' | 'broken'
}

const DEEPEST_PATH = 2
const DEEPEST = 256
const LONGEST_KEY = 256
const LONGEST_VALUE = 64 * 1024

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a]
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d]
const SPACES = new Set([0x20, 0x09, 0x0a, 0x0d])
/** The letters of numbers, `true`, `false` and `null`; that they are one of these is not looked at. */
const SCALARS = new Set(
  [...'+-.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'].map((c) => c.charCodeAt(0)),
)

/** What may come next; between tokens only. */
type Expected = 'root' | 'value' | 'item' | 'first key' | 'key' | 'colon' | 'comma' | 'nothing'

/** A key or a wanted value, of which the bytes are kept until it is complete. */
type Held = { readonly key: boolean; readonly depth: number; pieces: Buffer[]; size: number; from: number }

/**
 * Reads by the letter of RFC 8259 in everything that decides where a value begins and ends, so that no other parser sees a
 * field that this one does not. Keys are compared as they are meant, not as they are written (`"mod\u0065l"`).
 */
export function readFields({ want, take }: FieldWishes): FieldReader {
  let state: FieldReader['state'] = 'open'
  let expected: Expected = 'root'
  let inside: 'text' | 'scalar' | undefined
  let escaped = false
  let wanted = false
  let held: Held | undefined
  const objects: boolean[] = []
  const path: string[] = []

  function hold(key: boolean, from: number): void {
    held = { key, depth: objects.length, pieces: [], size: 0, from }
  }

  function keep(piece: Buffer): void {
    if (held === undefined) return
    held.size += piece.length
    if (held.size > (held.key ? LONGEST_KEY : LONGEST_VALUE)) held.pieces = []
    else held.pieces.push(Buffer.from(piece))
    held.from = 0
  }

  /** The value of what is held, whose last byte is before `to`; undefined if it was too long. */
  function release(bytes: Buffer, to: number): unknown {
    keep(bytes.subarray(held?.from, to))
    const pieces = held?.pieces ?? []
    held = undefined
    if (pieces.length === 0) return undefined
    try {
      return JSON.parse(Buffer.concat(pieces).toString())
    } catch {
      state = 'broken'
      return undefined
    }
  }

  function begin(at: number): boolean {
    if (expected !== 'value' && expected !== 'item') return false
    if (wanted) hold(false, at)
    wanted = false
    return true
  }

  function open(object: boolean, at: number): boolean {
    if (expected !== 'root' && !begin(at)) return false
    if (objects.length === DEEPEST) return false
    objects.push(object)
    if (!object && objects.length <= DEEPEST_PATH) path[objects.length - 1] = '[]'
    expected = object ? 'first key' : 'item'
    return true
  }

  function close(object: boolean, bytes: Buffer, at: number): boolean {
    const empty = object ? 'first key' : 'item'
    if (objects.at(-1) !== object || (expected !== empty && expected !== 'comma')) return false
    objects.pop()
    end(bytes, at + 1)
    return true
  }

  /** A value is complete; its last byte is before `to`. */
  function end(bytes: Buffer, to: number): void {
    if (held !== undefined && held.depth === objects.length) {
      const value = release(bytes, to)
      if (value !== undefined) take(path.slice(0, objects.length), value)
    }
    expected = objects.length === 0 ? 'nothing' : 'comma'
    if (expected === 'nothing' && state === 'open') state = 'complete'
  }

  function endText(bytes: Buffer, to: number): void {
    inside = undefined
    if (expected === 'key') endKey(bytes, to)
    else end(bytes, to)
  }

  function endKey(bytes: Buffer, to: number): void {
    expected = 'colon'
    if (held?.key !== true) return
    const key = release(bytes, to)
    path[objects.length - 1] = typeof key === 'string' ? key : ''
    wanted = typeof key === 'string' && want(path.slice(0, objects.length))
  }

  function beginText(at: number): boolean {
    inside = 'text'
    if (expected !== 'first key' && expected !== 'key') return begin(at)
    expected = 'key'
    if (held === undefined && objects.length <= DEEPEST_PATH) hold(true, at)
    return true
  }

  /** A byte between tokens, or the first of one; false: it may not stand here. */
  function token(byte: number, bytes: Buffer, at: number): boolean {
    if (byte === QUOTE) return beginText(at)
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) return open(byte === OPEN_OBJECT, at)
    if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) return close(byte === CLOSE_OBJECT, bytes, at)
    if (byte === COLON || byte === COMMA) {
      if (expected !== (byte === COLON ? 'colon' : 'comma')) return false
      expected = byte === COLON || objects.at(-1) !== true ? 'value' : 'key'
      return true
    }
    if (!SCALARS.has(byte)) return false
    inside = 'scalar'
    return begin(at)
  }

  return {
    write(bytes) {
      let at = 0
      while (at < bytes.length && state !== 'broken') {
        const byte = bytes[at] as number
        if (inside === 'text') {
          at = pastText(bytes, at)
        } else if (inside === 'scalar' && SCALARS.has(byte)) {
          at++
        } else if (inside === 'scalar') {
          inside = undefined
          end(bytes, at)
        } else {
          if (!SPACES.has(byte) && !token(byte, bytes, at)) state = 'broken'
          at++
        }
      }
      keep(bytes.subarray(held?.from))
    },
    get state() {
      return state
    },
  }

  /** Goes on in a text, and gives the byte after its end, or after the last one there is. From quote to quote: texts are long. */
  function pastText(bytes: Buffer, from: number): number {
    for (let at = from; ; ) {
      const found = bytes.indexOf(QUOTE, at)
      const to = found < 0 ? bytes.length : found
      let slashes = 0
      while (slashes < to - at && bytes[to - 1 - slashes] === BACKSLASH) slashes++
      // If there is nothing but backslashes, the one before them counts, too.
      if (escaped && slashes === to - at) slashes++
      escaped = slashes % 2 === 1
      if (found < 0) return to
      if (!escaped) {
        endText(bytes, to + 1)
        return to + 1
      }
      escaped = false
      at = to + 1
    }
  }
}
