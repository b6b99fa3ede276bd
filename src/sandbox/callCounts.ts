/** How often somebody called a route; `user` null is nobody. */
export type CallCount = { readonly user: string | null; readonly method: string; readonly route: string; count: number }

/** Counts calls, so that tests can say how few there were. */
export type CallCounts = {
  count(user: string | null, method: string, route: string): void
  list(): CallCount[]
  clear(): void
}

/** Starts at zero. */
export function callCounts(): CallCounts {
  const counts = new Map<string, CallCount>()
  return {
    count: (user, method, route) => {
      const key = `${user} ${method} ${route}`
      const entry = counts.get(key) ?? { user, method, route, count: 0 }
      entry.count += 1
      counts.set(key, entry)
    },
    list: () => [...counts.values()],
    clear: () => counts.clear(),
  }
}
