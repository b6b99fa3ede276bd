/**
 * The run's log: one file, kept to the end, appended to by us and by the children that write to its descriptor. What
 * is uploaded is read back from it, so a flood costs disk and never memory.
 */

import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { isDiskFull } from './failed.ts'
import { marked } from './logMarks.ts'

export type Log = {
  /** For children's stdout and stderr; opened for appending. */
  readonly descriptor: number
  /** Bytes so far; the offset of the next one. */
  size(): number
  write(bytes: string | Uint8Array): void
  /** Our own words, every line of them with our mark, and on a line of its own whatever stood there before. */
  line(text: string): void
  /** At most `max` bytes from `offset`. */
  read(offset: number, max: number): Uint8Array<ArrayBuffer>
  /** The last `max` bytes after `from`, as text. */
  tail(from: number, max: number): string
  close(): void
}

const NEWLINE = 0x0a

/** Opens a new log; one that exists already belongs to another run, and is an error. `onFull` is called when the disk is. */
export function openLog(path: string, onFull: () => void): Log {
  const descriptor = openSync(path, 'ax+', 0o600)
  const size = () => fstatSync(descriptor).size
  const read = (offset: number, max: number) => {
    const bytes = new Uint8Array(Math.max(0, Math.min(max, size() - offset)))
    return bytes.subarray(0, bytes.length === 0 ? 0 : readSync(descriptor, bytes, 0, bytes.length, offset))
  }
  const write = (given: string | Uint8Array) => {
    let bytes = typeof given === 'string' ? Buffer.from(given) : given
    try {
      while (bytes.length > 0) bytes = bytes.subarray(writeSync(descriptor, bytes))
    } catch (error) {
      if (!isDiskFull(error)) throw error
      onFull()
    }
  }
  return {
    descriptor,
    size,
    write,
    line(text) {
      const end = size()
      const isMidLine = end > 0 && read(end - 1, 1)[0] !== NEWLINE
      write(`${isMidLine ? '\n' : ''}${marked('errand: ', text)}\n`)
    },
    read,
    tail(from, max) {
      const begin = Math.max(from, size() - max)
      return Buffer.from(read(begin, max)).toString('utf8').trim()
    },
    close: () => closeSync(descriptor),
  }
}
