/** Why a run must end before its work is done, and the signal everything listens to. The first reason stays. */

export type StopReason = 'interrupted' | 'door-closed' | 'disk-full'

export type Stop = {
  readonly signal: AbortSignal
  /** Asks for the end; later calls change nothing. */
  ask(reason: StopReason): void
  why(): StopReason | undefined
}

/** One per process. */
export function newStop(): Stop {
  const controller = new AbortController()
  let reason: StopReason | undefined
  return {
    signal: controller.signal,
    ask(asked) {
      reason ??= asked
      controller.abort()
    },
    why: () => reason,
  }
}
