/** Patterns for names of models, as the settings hold them: `*` stands for any text, also none; all else stands for itself. */

/** Whether the whole name fits. Time is linear in the name: it comes from the agent. */
export function fits(name: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return name === first
  if (!name.startsWith(first)) return false
  let at = first.length
  for (const part of rest) {
    const found = name.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return name.length - last.length >= at && name.endsWith(last)
}

/** The value of the most exact pattern that fits: the one with the most letters besides its `*`, of equals the first. */
export function mostExact<T>(name: string, table: Readonly<Record<string, T>>): T | undefined {
  let best: { readonly letters: number; readonly value: T } | undefined
  for (const [pattern, value] of Object.entries(table)) {
    const letters = pattern.replaceAll('*', '').length
    if (fits(name, pattern) && letters > (best?.letters ?? -1)) best = { letters, value }
  }
  return best?.value
}
