/** A log as a conversation: read line by line, in any pieces of text. Pure. */

import { lineMark } from './lineMark.ts'

/** Lines of one answer that are kept for showing; the raw log has all. */
const ANSWER_LINES = 1000

/** Characters and lines of one entry: a talk without a pause is several, each of which can be laid out, and is once. */
const ENTRY = 8000
const ENTRY_LINES = 200
/** From here on an empty line ends it. */
const ENOUGH = 0.7

export type Item = {
  /** The byte at which it begins, roughly: what tells it from the others. */
  readonly key: number
  /** Grows with every line, so that who draws it sees that it is another. */
  version: number
  /** `own` Errand's words · `said` the agent's, Markdown · `did` an activity · `command` · `output` of clone and set-up. */
  readonly kind: 'own' | 'said' | 'did' | 'command' | 'output'
  readonly lines: string[]
  /** What came back from what it did. */
  readonly answer: { readonly text: string; readonly failed: boolean }[]
  answerLines: number
  failures: number
}

export class Conversation {
  readonly items: Item[] = []
  #rest = ''
  #lines = 0
  #speaks: boolean
  /** Characters of the last entry. */
  #size = 0
  /** What began the block of code that it stands in. */
  #fence: string | undefined

  /** `midway`: it is read from somewhere in its middle, where the agent has most likely begun. */
  constructor(midway: boolean) {
    this.#speaks = midway
  }

  feed(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    // A line that never ends is nobody's to wait for.
    if (this.#rest.length > 65_536) {
      lines.push(this.#rest)
      this.#rest = ''
    }
    for (const line of lines) this.#take(line.endsWith('\r') ? line.slice(0, -1) : line)
  }

  /** Nothing comes any more: what stands without a newline is a line too. */
  end(): void {
    if (this.#rest !== '') this.feed('\n')
  }

  #take(line: string): void {
    this.#lines += 1
    const { mark, words } = lineMark(line)
    const last = this.items.at(-1)
    switch (mark) {
      case 'own':
        if (/^agent \S+$/.test(words)) this.#speaks = true
        // Its end, or another attempt that begins.
        else if (/^agent: [\d.]+ s$/.test(words) || /^\S+, attempt \d+, in /.test(words)) this.#speaks = false
        this.#addOrBegin('own', words)
        break
      case 'does':
        this.#begin('did', words)
        break
      case 'command':
        // A command of several lines has its mark on each.
        if (last?.answerLines === 0) this.#addOrBegin('command', words)
        else this.#begin('command', words)
        break
      case 'answer':
        this.#answer(words, false)
        break
      case 'failure':
        this.#answer(words, true)
        break
      case 'plain': {
        const kind = this.#speaks ? 'said' : 'output'
        // Empty lines stand between things, and begin none.
        if (last?.kind === kind || words.trim() !== '') this.#addOrBegin(kind, words)
      }
    }
  }

  #answer(text: string, failed: boolean): void {
    const last = this.items.at(-1)
    if (last?.kind !== 'did' && last?.kind !== 'command')
      this.#begin('did', failed ? 'A tool failed' : 'A tool answered')
    const item = this.items.at(-1)
    if (item === undefined) return
    item.version += 1
    item.answerLines += 1
    if (failed) item.failures += 1
    if (item.answer.length < ANSWER_LINES) item.answer.push({ text, failed })
  }

  #addOrBegin(kind: Item['kind'], line: string): void {
    const last = this.items.at(-1)
    if (last?.kind !== kind) {
      this.#begin(kind, line)
      return
    }
    const full = Math.max((this.#size + line.length) / ENTRY, (last.lines.length + 1) / ENTRY_LINES)
    if (full > 1 || (full > ENOUGH && this.#fence === undefined && line.trim() === '')) {
      const fence = kind === 'said' ? this.#fence : undefined
      this.#begin(kind, fence ?? line)
      if (fence === undefined) return
    } else last.version += 1
    this.items.at(-1)?.lines.push(line)
    this.#measure(kind, line)
  }

  #measure(kind: Item['kind'], line: string): void {
    this.#size += line.length + 1
    const fence = kind === 'said' ? /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] : undefined
    if (this.#fence === undefined) this.#fence = fence
    else if (fence?.startsWith(this.#fence) === true) this.#fence = undefined
  }

  #begin(kind: Item['kind'], line: string): void {
    this.items.push({ key: this.#lines, version: 0, kind, lines: [line], answer: [], answerLines: 0, failures: 0 })
    this.#size = 0
    this.#fence = undefined
    this.#measure(kind, line)
  }
}
