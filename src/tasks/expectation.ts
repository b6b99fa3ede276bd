/** When a task that waits is likely to begin: the project's tasks lately took so long, and so many come first. Pure. */

/** Fewer durations than these say nothing. */
const LEAST = 3

/** All in milliseconds; `place` 1 is next in the line. Undefined where too little is known. */
export function expectation(lately: readonly number[], place: number): number | undefined {
  if (lately.length < LEAST) return undefined
  const sorted = [...lately].sort((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0
  return median * place
}
