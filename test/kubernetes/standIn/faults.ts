/** What a stand-in of the API server can do wrong. */

export type Call = { readonly method: string; readonly path: string; readonly watch: boolean }

export type Fault =
  /** An answer of its own, without doing anything. */
  | {
      readonly do: 'answer'
      readonly status: number
      readonly headers?: Record<string, string>
      readonly body?: unknown
    }
  /** The connection is cut before anything is done. */
  | { readonly do: 'reset' }
  /** It is done, and the connection is cut before that is said. */
  | { readonly do: 'reset-after' }
  /** An answer that is cut off in the middle. */
  | { readonly do: 'garble' }
  /** Nothing comes, ever. */
  | { readonly do: 'hang' }

export type Faults = {
  /** The next `times` calls that match go wrong. */
  add(match: (call: Call) => boolean, fault: Fault, times?: number): void
  clear(): void
  take(call: Call): Fault | undefined
}

export function createFaults(): Faults {
  let waiting: { match: (call: Call) => boolean; fault: Fault; left: number }[] = []
  return {
    add(match, fault, times = 1) {
      waiting.push({ match, fault, left: times })
    },
    clear() {
      waiting = []
    },
    take(call) {
      const found = waiting.find(({ match }) => match(call))
      if (found === undefined) return undefined
      found.left--
      if (found.left <= 0) waiting = waiting.filter((one) => one !== found)
      return found.fault
    },
  }
}
