import type { z } from 'zod'
import { Refusal } from './refusal.ts'

type Fields = Record<string, unknown>

/** Reads a body as GitLab does: JSON, a form, or a multipart form (which is how clients send positions in a diff). */
export async function readBody(type: string, body: Buffer): Promise<Fields> {
  if (body.length === 0) return {}
  if (type.startsWith('application/json')) return asJson(body)
  if (type.startsWith('application/x-www-form-urlencoded')) return nested(new URLSearchParams(body.toString('utf8')))
  if (type.startsWith('multipart/form-data')) {
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
    return nested([...form].map(([name, value]): [string, string] => [name, typeof value === 'string' ? value : '']))
  }
  throw new Refusal(415, { error: 'The provided content-type is not supported.' })
}

function asJson(body: Buffer): Fields {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    if (typeof value === 'object' && value !== null) return { ...value }
  } catch {
    // Said below, in the same words as for a value that is no object.
  }
  throw new Refusal(400, { error: 'Problems parsing JSON' })
}

/** `a[b]=1&c[]=2` → `{a: {b: '1'}, c: ['2']}`, as Rails reads names. */
export function nested(pairs: Iterable<readonly [string, string]>): Fields {
  const result: Fields = {}
  for (const [name, value] of pairs) {
    const [head = '', ...rest] = name.replaceAll(']', '').split('[')
    place(result, head, rest, value)
  }
  return result
}

function place(into: Fields, head: string, rest: readonly string[], value: string): void {
  const [next, ...after] = rest
  if (next === undefined) into[head] = value
  else if (next === '') into[head] = [...(Array.isArray(into[head]) ? into[head] : []), value]
  else {
    const known = into[head]
    const inner: Fields = typeof known === 'object' && known !== null && !Array.isArray(known) ? { ...known } : {}
    into[head] = inner
    place(inner, next, after, value)
  }
}

/**
 * Checks input against a schema, and refuses with Grape's sentences: `{"error":"body is missing"}`. A null is the same as
 * nothing said.
 */
export function checked<T>(schema: z.ZodType<T>, input: Fields): T {
  const fields = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null))
  const result = schema.safeParse(fields)
  if (result.success) return result.data
  const long = result.error.issues.find((issue) => issue.code === 'too_big')
  if (long?.code === 'too_big') {
    const words = `is too long (maximum is ${long.maximum} characters)`
    throw new Refusal(400, { message: { [String(long.path[0])]: [words] } })
  }
  const reasons = result.error.issues.map((issue) => {
    const [first, ...others] = issue.path.map(String)
    const name = `${first ?? 'body'}${others.map((part) => `[${part}]`).join('')}`
    if (fields[first ?? ''] === undefined) return `${name} is missing`
    if (issue.code === 'too_small') return `${name} is empty`
    if (issue.code === 'invalid_value') return `${name} does not have a valid value`
    return `${name} is invalid`
  })
  throw new Refusal(400, { error: reasons.join(', ') })
}
