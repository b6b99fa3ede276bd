/**
 * Remembers what was found for so many milliseconds, of at most so many keys; the oldest go first. Who asks while the answer is on its
 * way waits for that one. A failure is thrown to all of them, and not remembered.
 */
export function shortMemory<T>(milliseconds: number, most: number) {
  const known = new Map<string, { readonly until: number; readonly found: Promise<T> }>()
  return (key: string, find: () => Promise<T>): Promise<T> => {
    const now = performance.now()
    const before = known.get(key)
    if (before !== undefined && before.until > now) return before.found
    const entry = { until: now + milliseconds, found: find() }
    known.delete(key)
    known.set(key, entry)
    for (const oldest of known.keys()) {
      if (known.size <= most) break
      known.delete(oldest)
    }
    entry.found.catch(() => {
      if (known.get(key) === entry) known.delete(key)
    })
    return entry.found
  }
}
