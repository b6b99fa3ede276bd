/**
 * One task's log in the browser: an index of all its lines, and the few chunks that are looked at. What is missing is fetched by range;
 * what the live stream brings is appended at its byte.
 */

import type { LogLines } from '../../http/taskView.ts'
import { type Answer, getJson } from '../api.ts'
import { type Chunk, ChunkCache, toChunk } from './chunkCache.ts'
import { LineIndex } from './lineIndex.ts'

/** Bytes of a line that are shown; the rest is a matter for the download. */
export const LINE_SHOWN = 8192
const CHUNKS_KEPT = 96
const AT_ONCE = 3
/** Milliseconds until a range that could not be fetched is tried again. */
const AGAIN = 2000

export type Line = {
  readonly text: string
  /** Bytes of it that are not shown; an estimate for very long lines. */
  readonly more: number
}

export class LogBytes {
  readonly address: string
  #index = new LineIndex({ chunkBytes: 65_536, size: 0, lines: 0, newlines: [] })
  readonly #cache = new ChunkCache(CHUNKS_KEPT)
  readonly #fetching = new Map<number, Promise<void>>()
  #wanted: number[] = []
  readonly #listeners = new Set<() => void>()
  #told = false
  #version = 0
  /** Whether its last line has its newline: it is one more row otherwise. */
  #whole = true
  readonly #decoder = new TextDecoder()
  readonly #encoder = new TextEncoder()

  /** `address`: of the log in the API. */
  constructor(address: string) {
    this.address = address
  }

  /** Asks how long it is; again after a gap. */
  async open(): Promise<Answer<LogLines>> {
    const answer = await getJson<LogLines>(`${this.address}/lines`)
    if (answer.is !== 'ok') return answer
    const last = this.#index.chunks() - 1
    if (last >= 0) this.#cache.delete(last)
    if (answer.value.size < this.#index.size) this.#cache.clear()
    this.#index = new LineIndex(answer.value)
    if (answer.value.size > 0) await this.#fetch(this.#index.chunks() - 1)
    this.#changed()
    return answer
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly version = (): number => this.#version

  get size(): number {
    return this.#index.size
  }

  get rows(): number {
    return this.#index.newlines + (this.#whole ? 0 : 1)
  }

  /** Undefined while its bytes are not here; `fetchWanted` gets them. */
  line(row: number): Line | undefined {
    const start = this.#start(row)
    if (start === undefined) return undefined
    const pieces: Uint8Array[] = []
    let room = LINE_SHOWN
    for (let at = start; at < this.size && room > 0; ) {
      const number = Math.floor(at / this.#index.chunkBytes)
      const chunk = this.#want(number)
      if (chunk === undefined) return undefined
      const offset = at - number * this.#index.chunkBytes
      const newline = chunk.bytes.indexOf(10, offset)
      const end = newline < 0 ? chunk.bytes.length : newline
      const piece = chunk.bytes.subarray(offset, Math.min(end, offset + room))
      pieces.push(piece)
      room -= piece.length
      at += piece.length
      if (piece.length === 0 || (newline >= 0 && offset + piece.length === newline)) {
        return { text: this.#decode(pieces), more: 0 }
      }
    }
    return { text: this.#decode(pieces), more: room > 0 ? 0 : this.#beyond(row, start + LINE_SHOWN) }
  }

  /** Where a row's line begins. */
  #start(row: number): number | undefined {
    if (row === 0) return 0
    const number = this.#index.chunkOfNewline(row)
    const chunk = this.#want(number)
    const newline = chunk?.newlines[row - this.#index.before(number) - 1]
    return newline === undefined ? undefined : number * this.#index.chunkBytes + newline + 1
  }

  #beyond(row: number, from: number): number {
    const last = row >= this.#index.newlines
    const to = last ? this.size : this.#index.chunkOfNewline(row + 1) * this.#index.chunkBytes
    return Math.max(1, to - from)
  }

  #decode(pieces: readonly Uint8Array[]): string {
    if (pieces.length === 1 && pieces[0] !== undefined) return this.#decoder.decode(pieces[0])
    const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const piece of pieces) {
      whole.set(piece, at)
      at += piece.length
    }
    return this.#decoder.decode(whole)
  }

  #want(number: number): Chunk | undefined {
    const chunk = this.#cache.get(number)
    if (chunk === undefined && !this.#wanted.includes(number)) this.#wanted.push(number)
    return chunk
  }

  /** Forgets what was wanted: the rows on the screen are other ones now. */
  forgetWanted(): void {
    this.#wanted = []
  }

  fetchWanted(): void {
    while (this.#fetching.size < AT_ONCE) {
      const next = this.#wanted.find((number) => !this.#fetching.has(number) && !this.#cache.has(number))
      if (next === undefined) return
      void this.#fetch(next).then(() => {
        this.#changed()
        this.fetchWanted()
      })
    }
  }

  /** The bytes from `at` to the end of their chunk, for who reads it all; undefined where they cannot be had now. */
  async piece(at: number): Promise<Uint8Array | undefined> {
    const number = Math.floor(at / this.#index.chunkBytes)
    if (!this.#cache.has(number)) await this.#fetch(number)
    return this.#cache.get(number)?.bytes.subarray(at - number * this.#index.chunkBytes)
  }

  async #fetch(number: number): Promise<void> {
    const running = this.#fetching.get(number)
    if (running !== undefined) return running
    const from = number * this.#index.chunkBytes
    const to = Math.min(from + this.#index.chunkBytes, this.size)
    const work = this.#range(from, to).then(
      (bytes) => {
        this.#fetching.delete(number)
        // It may have grown meanwhile: then the piece is asked for again, up to its new end.
        if (Math.min(from + this.#index.chunkBytes, this.size) !== from + bytes.length) return
        this.#cache.set(number, toChunk(bytes))
        if (from + bytes.length === this.size) this.#whole = bytes.at(-1) === 10
      },
      async () => {
        await new Promise((resolve) => setTimeout(resolve, AGAIN))
        this.#fetching.delete(number)
      },
    )
    this.#fetching.set(number, work)
    return work
  }

  async #range(from: number, to: number): Promise<Uint8Array> {
    const response = await fetch(this.address, { headers: { range: `bytes=${from}-${to - 1}` } })
    if (response.status !== 206 && !(response.status === 200 && from === 0)) throw new Error(`HTTP ${response.status}`)
    return new Uint8Array(await response.arrayBuffer()).subarray(0, to - from)
  }

  /** News of the live stream. `false`: bytes are missing before it, or it does not say them exactly; `open` asks again. */
  append(from: number, to: number, text: string): boolean {
    if (to <= this.size) return true
    if (from > this.size) return false
    const all = this.#encoder.encode(text)
    if (all.length !== to - from) return false
    const bytes = all.subarray(this.size - from)
    this.#appendToChunks(bytes)
    this.#index.append(bytes)
    this.#whole = bytes.at(-1) === 10
    this.#changed()
    return true
  }

  #appendToChunks(bytes: Uint8Array): void {
    const size = this.#index.chunkBytes
    for (let at = 0; at < bytes.length; ) {
      const [number, offset] = [Math.floor((this.size + at) / size), (this.size + at) % size]
      const piece = bytes.subarray(at, at + size - offset)
      const old = offset === 0 ? new Uint8Array() : this.#cache.get(number)?.bytes
      // Without its beginning a chunk is fetched when somebody looks.
      if (old !== undefined && old.length === offset) {
        const whole = new Uint8Array(offset + piece.length)
        whole.set(old)
        whole.set(piece, offset)
        this.#cache.set(number, toChunk(whole))
      } else this.#cache.delete(number)
      at += piece.length
    }
  }

  /** Once a frame at most, however much comes. */
  #changed(): void {
    if (this.#told) return
    this.#told = true
    requestAnimationFrame(() => {
      this.#told = false
      this.#version += 1
      for (const listener of this.#listeners) listener()
    })
  }
}
