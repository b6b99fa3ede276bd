/** A known failure of a step: a value, with the sentence for the author. Unknown ones are thrown. */

import { statfsSync } from 'node:fs'
import type { RunFailure } from './protocol.ts'

export type Failed = { readonly failed: RunFailure; readonly message: string }

/** Tells a step's failure from its result. */
export function isFailed(value: unknown): value is Failed {
  return typeof value === 'object' && value !== null && 'failed' in value
}

/** What a child says when a disk is full, whichever program it was. */
export function saysDiskFull(text: string): boolean {
  return /no space left on device|ENOSPC|disk quota exceeded/i.test(text)
}

/** The same for an error of our own. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
}

/** Less than this is nothing: no git can write its files. */
const NO_ROOM = 256 * 1024

/** Whether the disk below `folder` is full now; programs that meet it do not all say so. */
export function isFull(folder: string): boolean {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize < NO_ROOM
}

/** The one sentence for a full disk. */
export const DISK_FULL: Failed = {
  failed: 'disk-full',
  message: 'The disk of the run is full. Ask for less at a time, or give runs more disk.',
}

/** The failure of a commit, from the git that failed. */
export function cannotCommit({ said, cut }: { readonly said: string; readonly cut: boolean }): Failed {
  if (saysDiskFull(said)) return DISK_FULL
  const why = cut ? 'It took longer than it may.' : said
  return { failed: 'agent-error', message: `What the agent left could not be committed:\n${why}` }
}
