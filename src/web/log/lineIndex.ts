/** Where the lines of a log are: how many newlines stand before each of its chunks, as /log/lines tells, kept current as the log grows. Pure. */

export class LineIndex {
  readonly chunkBytes: number
  size = 0
  /** Newlines in all of it. */
  newlines = 0
  /** Newlines before chunk i. */
  readonly #before: number[] = []

  constructor(told: { chunkBytes: number; size: number; lines: number; newlines: readonly number[] }) {
    this.chunkBytes = told.chunkBytes
    this.size = told.size
    this.newlines = told.lines
    for (const count of told.newlines) this.#before.push(count)
    if (this.#before.length === 0) this.#before.push(0)
  }

  chunks(): number {
    return Math.ceil(this.size / this.chunkBytes)
  }

  /** Newlines before a chunk. */
  before(chunk: number): number {
    return this.#before[chunk] ?? this.newlines
  }

  /** The chunk that holds the `count`-th newline, counted from 1. */
  chunkOfNewline(count: number): number {
    let [low, high] = [0, this.#before.length - 1]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.#before[middle] ?? 0) < count) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Counts what came at the end. */
  append(bytes: Uint8Array): void {
    for (const byte of bytes) {
      // A chunk is told of when its first byte is there.
      if (this.size % this.chunkBytes === 0) this.#before[this.size / this.chunkBytes] = this.newlines
      this.size += 1
      if (byte === 10) this.newlines += 1
    }
  }
}
