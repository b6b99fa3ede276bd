/** Time: waiting that ends early, and signals that end things later. */

/** Resolves after `ms`, or at once when `signal` is aborted. Never rejects. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) return done()
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      done()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}

/** Aborts `ms` after `signal` does: the time that is left to finish something once a stop was asked for. */
export function graceAfter(signal: AbortSignal, ms: number): AbortSignal {
  const grace = new AbortController()
  const begin = () => setTimeout(() => grace.abort(), ms).unref()
  if (signal.aborted) begin()
  else signal.addEventListener('abort', begin, { once: true })
  return grace.signal
}

/** Aborts after `ms`, or with any of `signals`. */
export function within(ms: number, ...signals: readonly AbortSignal[]): AbortSignal {
  return AbortSignal.any([AbortSignal.timeout(Math.max(1, Math.ceil(ms))), ...signals])
}
