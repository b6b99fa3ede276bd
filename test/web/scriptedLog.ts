import type { LogLines, LogMatches } from '../../src/http/taskView.ts'

const CHUNK = 65_536

/** A log that grows as a test says. */
export class ScriptedLog {
  bytes: Buffer

  constructor(text: string | Buffer = '') {
    this.bytes = Buffer.from(text)
  }

  /** Says between which bytes it stands now. */
  write(text: string): { from: number; to: number; text: string } {
    const from = this.bytes.length
    this.bytes = Buffer.concat([this.bytes, Buffer.from(text)])
    return { from, to: this.bytes.length, text }
  }

  lines(): LogLines {
    const newlines: number[] = []
    let count = 0
    for (let at = 0; at < this.bytes.length; at += CHUNK) {
      newlines.push(count)
      const end = Math.min(at + CHUNK, this.bytes.length)
      for (let next = this.bytes.indexOf(10, at); next >= 0 && next < end; next = this.bytes.indexOf(10, next + 1))
        count += 1
    }
    return { size: this.bytes.length, lines: count, chunkBytes: CHUNK, newlines }
  }

  search(text: string): LogMatches {
    const matches: { line: number; at: number }[] = []
    let at = 0
    for (const [line, words] of this.bytes.toString().split('\n').entries()) {
      if (words.toLowerCase().includes(text.toLowerCase())) matches.push({ line, at })
      if (matches.length === 1000) return { matches, more: true }
      at += Buffer.byteLength(words) + 1
    }
    return { matches, more: false }
  }
}
