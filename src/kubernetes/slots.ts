/** A few places, taken in the order of asking. */
type Slots = { with<T>(work: () => Promise<T>): Promise<T> }

export function createSlots(places: number): Slots {
  const waiting: (() => void)[] = []
  let free = places
  return {
    async with(work) {
      if (free > 0) free--
      else await new Promise<void>((go) => waiting.push(go))
      try {
        return await work()
      } finally {
        const next = waiting.shift()
        // The place goes on to the next, so that nobody who asks just now is faster.
        if (next === undefined) free++
        else next()
      }
    },
  }
}
