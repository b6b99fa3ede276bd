/** Every wait of the Kubernetes runner, in milliseconds. */
export type Pace = {
  /** The longest that one call may take. */
  readonly call: number
  /** Pauses between tries of a call: the first, and the longest. Each is doubled and then shortened at random. */
  readonly backoff: readonly [number, number]
  /** How often a call is tried before whoever asked hears of it. */
  readonly tries: number
  /** How long the API server is asked to keep a watch open. */
  readonly watch: number
  /** A watch that has brought nothing for this long is cut; the API server sends a bookmark about every minute. */
  readonly silence: number
  /** How often one LIST finds what the watch has missed. */
  readonly sweep: number
  /** How long a watch may be behind that LIST. */
  readonly settle: number
  /** How long a first look waits for the first LIST. */
  readonly ready: number
  /** How long a pod may fail to get its image. */
  readonly image: number
  /** How long after its time a deleted pod counts as living; after that its machine is taken for lost. */
  readonly slack: number
  /** How long a Job may be without a pod before its events are read; each further reading waits three times as long. */
  readonly podless: number
}

export const PACE: Pace = {
  call: 15_000,
  backoff: [500, 20_000],
  tries: 4,
  watch: 290_000,
  silence: 90_000,
  sweep: 15_000,
  settle: 2_000,
  ready: 20_000,
  image: 180_000,
  slack: 60_000,
  podless: 5_000,
}

/** The pause after try `n`, counted from 1: growing, and spread, so that not everybody comes back at once. */
export function pauseAfter(n: number, [first, longest]: Pace['backoff'], random = Math.random()): number {
  return Math.min(longest, first * 2 ** (n - 1)) * (0.5 + random / 2)
}
