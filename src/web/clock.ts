/** One clock for all that ticks on the page, by the server's time. */

import { useSyncExternalStore } from 'react'

/** Milliseconds that the server's clock is ahead of this machine's. */
let ahead = 0

/** Learns from an answer's Date header what time the server has; its seconds are all it tells. */
export function heardTime(date: string | null): void {
  const at = date === null ? Number.NaN : Date.parse(date)
  if (Number.isNaN(at)) return
  const difference = at + 500 - Date.now()
  ahead = Math.abs(difference) > 2000 ? difference : 0
}

let now = Date.now()
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

function tick(): void {
  if (document.hidden) return
  now = Date.now()
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    timer = setInterval(tick, 1000)
    document.addEventListener('visibilitychange', tick)
    now = Date.now()
  }
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    document.removeEventListener('visibilitychange', tick)
  }
}

const still = () => () => {}

/** Milliseconds since 1970, by the server; new every second while it `ticks`. */
export function useNow(ticks = true): number {
  return useSyncExternalStore(ticks ? subscribe : still, () => now) + ahead
}
