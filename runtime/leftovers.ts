/**
 * Processes that outlive their parent: tools that moved to a session of their own, servers left running. Found by the
 * mark in their environment; where there is no /proc (a Mac) only the process group is ended.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { MARK } from './environment.ts'

/** A process that forks as fast as it is killed is met so many times. */
const ROUNDS = 10

/** Kills every process of this user that carries `mark`; returns how many were found. */
export function endLeftovers(mark: string): number {
  const found = new Set<number>()
  for (let round = 0; round < ROUNDS; round += 1) {
    const now = marked(mark)
    if (now.length === 0) break
    for (const pid of now) {
      found.add(pid)
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // Gone in between, which is what was wanted.
      }
    }
  }
  return found.size
}

function marked(mark: string): number[] {
  const entry = `${MARK}=${mark}\0`
  return processes().filter((pid) => {
    try {
      return pid !== process.pid && `${readFileSync(`/proc/${pid}/environ`, 'latin1')}\0`.includes(entry)
    } catch {
      return false
    }
  })
}

function processes(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
  } catch {
    return []
  }
}
