import { z } from 'zod'

/** A yes or no, which forms and query strings write as text. */
export const Flag = z.preprocess(
  (value) =>
    value === 'true' || value === '1' || value === 1
      ? true
      : value === 'false' || value === '0' || value === 0
        ? false
        : value,
  z.boolean(),
)

/** A number, which forms and query strings write as text. */
export const Whole = z.preprocess(
  (value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value),
  z.number().int(),
)

/** Names as a list, or as text with commas between them. */
export const Names = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(',') : value),
  z.array(z.string()).transform((names) => names.map((name) => name.trim()).filter((name) => name !== '')),
)

/** Ids as a list, or as text with commas between them; 0 and nothing stand for none. */
export const Ids = z.preprocess(
  (value) =>
    typeof value === 'string'
      ? value.split(',').filter((id) => id !== '')
      : typeof value === 'number'
        ? [value]
        : value,
  z.array(z.coerce.number().int()).transform((ids) => ids.filter((id) => id !== 0)),
)
