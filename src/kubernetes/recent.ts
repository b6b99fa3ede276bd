/** Notes by name that only spare a repetition, or make a word more exact: what was noted longest ago is forgotten. */
type Recent<T> = {
  get(name: string): T | undefined
  has(name: string): boolean
  set(name: string, note: T): void
  delete(name: string): void
}

/** More than the runs that one process has in its hands at a time. */
const MOST = 10_000

export function createRecent<T>(): Recent<T> {
  const notes = new Map<string, T>()
  return {
    get: (name) => notes.get(name),
    has: (name) => notes.has(name),
    set(name, note) {
      notes.set(name, note)
      const [oldest] = notes.keys()
      if (notes.size > MOST && oldest !== undefined) notes.delete(oldest)
    },
    delete: (name) => void notes.delete(name),
  }
}
