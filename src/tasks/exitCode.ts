/** What the exit code of a container says, wherever it ran. */

import type { Ended } from './runner.ts'

/** Those of runtime/README.md, clause 13: the entrypoint chose them. */
export const KNOWN_EXITS: ReadonlySet<number> = new Set([0, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 70, 143])
/** The entrypoint chose these without the door, or may have. */
const WITHOUT_DOOR: ReadonlySet<number> = new Set([20, 70])
/** Codes above are signals; 137 without a memory limit reached is the machine's own memory, or a force. */
const SIGNAL = 128

/** Whether the door has surely heard of this run. */
export function reachedDoor({ exit }: Ended): boolean {
  return exit !== undefined && KNOWN_EXITS.has(exit) && !WITHOUT_DOOR.has(exit)
}

/** The end of a container of which nothing is known but its exit code. `tell` adds what else is to be said. */
export function endOfExit(exit: number, tell: (why: string) => string): Ended {
  if (KNOWN_EXITS.has(exit)) {
    return { is: 'ended', exit, why: tell(`the run ended with exit code ${exit} and left no outcome`) }
  }
  const ended = (cause: 'lost' | 'image', why: string): Ended => {
    return { is: 'ended', exit, cause, infrastructure: cause === 'lost', why: tell(why) }
  }
  if (exit === 137) return ended('lost', 'it was killed (exit code 137), as when its node runs out of memory')
  if (exit > SIGNAL) return ended('lost', `it was killed by signal ${exit - SIGNAL}`)
  return ended(
    'image',
    `the image's own program ended with exit code ${exit}: it is not Errand's entrypoint, or it was not started whole`,
  )
}
