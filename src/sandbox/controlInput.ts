import type { Response } from 'express'
import { z } from 'zod'

/** Input that makes no sense is answered with 400 and what is wrong with it. */
export function read<T>(res: Response, schema: z.ZodType<T>, input: unknown): T | undefined {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  res.status(400).json({ message: z.prettifyError(result.error) })
  return undefined
}
