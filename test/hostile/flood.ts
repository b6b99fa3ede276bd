/** More words than anybody wants. */

import { once } from 'node:events'
import type { Say } from './agent.ts'

const LINES = 1_000_000
const LONG_LINE = 100 * 1024 * 1024
const PIECE = 1024 * 1024

async function write(bytes: string | Buffer): Promise<void> {
  if (!process.stdout.write(bytes)) await once(process.stdout, 'drain')
}

/** Numbered, so that a gap would show. */
export async function lines(say: Say): Promise<void> {
  for (let from = 0; from < LINES; from += 10_000) {
    await write(Array.from({ length: 10_000 }, (_, i) => `line ${from + i}\n`).join(''))
  }
  say('lines', String(LINES))
}

export async function line(say: Say): Promise<void> {
  const piece = Buffer.alloc(PIECE, 'x')
  for (let sent = 0; sent < LONG_LINE; sent += PIECE) await write(piece)
  await write('\n')
  say('line', String(LONG_LINE))
}
