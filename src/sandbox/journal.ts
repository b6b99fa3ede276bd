import { closeSync, existsSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs'
import { z } from 'zod'

const Line = z.tuple([z.string(), z.number(), z.unknown()])

/** What the journal knows of one table: its living rows, and the highest id that was ever given. */
export type Remembered = { readonly rows: Map<number, unknown>; lastId: number }

/**
 * The sandbox's memory over restarts: one line per change, `[table, id, row]`, where a row is the whole entity and `null` means
 * deleted. Lines are collected and written with one call, so that what belongs together is kept or lost together.
 */
export type Journal = {
  /** What was found at the start; a table without an entry was never written to. */
  readonly remembered: ReadonlyMap<string, Remembered>
  write(table: string, id: number, row: unknown): void
  /** How many changes were written since the start. */
  written(): number
  /** After this returns a kill -9 loses nothing that was written. After the end it does nothing: who comes late is lost. */
  flush(): void
  close(): void
}

/** Opens (or starts) a journal. A torn last line, which a kill can leave, is cut off; any other broken line is an error. */
export function openJournal(file: string): Journal {
  const remembered = existsSync(file) ? replay(file) : new Map<string, Remembered>()
  const fd = openSync(file, 'a')
  let waiting: string[] = []
  let closed = false
  let written = 0
  const flush = () => {
    if (waiting.length === 0 || closed) return
    const text = waiting.join('')
    waiting = []
    writeSync(fd, text)
  }
  return {
    remembered,
    write: (table, id, row) => {
      written += 1
      waiting.push(`${JSON.stringify([table, id, row])}\n`)
    },
    written: () => written,
    flush,
    close: () => {
      if (closed) return
      flush()
      closed = true
      closeSync(fd)
    },
  }
}

function replay(file: string): Map<string, Remembered> {
  const bytes = readFileSync(file)
  const end = bytes.lastIndexOf('\n') + 1
  if (end < bytes.length) truncateSync(file, end)
  const found = new Map<string, Remembered>()
  for (const [index, line] of bytes.subarray(0, end).toString('utf8').split('\n').entries()) {
    if (line === '') continue
    const [table, id, row] = parse(line, `${file}:${index + 1}`)
    const entry = found.get(table) ?? { rows: new Map<number, unknown>(), lastId: 0 }
    found.set(table, entry)
    entry.lastId = Math.max(entry.lastId, id)
    if (row === null) entry.rows.delete(id)
    else entry.rows.set(id, row)
  }
  return found
}

function parse(line: string, place: string): z.infer<typeof Line> {
  try {
    return Line.parse(JSON.parse(line))
  } catch (cause) {
    throw new Error(`The sandbox's journal is damaged at ${place}: start with an empty data folder.`, { cause })
  }
}
