/**
 * What a search from some byte on has found: a place that is certain, whatever follows, or nothing certain yet. Bytes
 * before `low` play no part in what is found, now or with more bytes: a search that starts anywhere up to `low` finds the
 * same. This is what makes masking independent of how a stream was cut.
 */
export type Finding =
  | { readonly low: number; readonly start: number; readonly stop: number }
  | { readonly low: number; readonly start?: never }
