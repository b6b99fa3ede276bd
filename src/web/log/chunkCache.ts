/** Chunks of a log, the most recently read ones. */

export type Chunk = {
  readonly bytes: Uint8Array
  /** Where its newlines are. */
  readonly newlines: Uint32Array
}

export function toChunk(bytes: Uint8Array): Chunk {
  let count = 0
  for (const byte of bytes) if (byte === 10) count += 1
  const newlines = new Uint32Array(count)
  for (let at = bytes.indexOf(10), next = 0; at >= 0; at = bytes.indexOf(10, at + 1)) newlines[next++] = at
  return { bytes, newlines }
}

export class ChunkCache {
  readonly #kept = new Map<number, Chunk>()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  get(number: number): Chunk | undefined {
    const chunk = this.#kept.get(number)
    if (chunk !== undefined) {
      // A map remembers the order of insertion: what was read last stands last.
      this.#kept.delete(number)
      this.#kept.set(number, chunk)
    }
    return chunk
  }

  has(number: number): boolean {
    return this.#kept.has(number)
  }

  set(number: number, chunk: Chunk): void {
    this.#kept.delete(number)
    this.#kept.set(number, chunk)
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#most) return
      this.#kept.delete(oldest)
    }
  }

  delete(number: number): void {
    this.#kept.delete(number)
  }

  clear(): void {
    this.#kept.clear()
  }
}
