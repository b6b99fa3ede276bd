/**
 * What the container got beyond the contract, and must not be shown: the agent can read the environment that we were started in,
 * so the door is told before anything else which values to mask (README.md, clause 2).
 */

import type { Door } from './door.ts'
import type { Start } from './given.ts'

/** Names that operators and clusters give to secrets. */
const NAMES = /token|secret|passw|passphrase|credential|api_?key|private|(?:^|_)(?:key|auth)(?:$|_)/i
/** `https://someone:secret@proxy.example.com`, wherever it stands. */
const IN_ADDRESS = /:\/\/[^\s/@]*:([^\s/@]+)@/g
/** Shorter values are words, and masking them would garble everything. */
const SHORTEST = 6
const LONGEST = 4096
/** What a door takes: values, and their bytes together. */
const MOST = 200
const MOST_BYTES = 16 * 1024

/** The values in an environment that are to be masked; the contract's own hold none. Pure. */
export function secretsIn(outer: Start['outer']): string[] {
  const found = new Set<string>()
  for (const [name, value = ''] of Object.entries(outer)) {
    if (name.startsWith('ERRAND_')) continue
    for (const [, password = ''] of value.matchAll(IN_ADDRESS)) found.add(password).add(decoded(password))
    if (NAMES.test(name)) found.add(value.trim())
  }
  let bytes = 0
  return [...found]
    .filter((value) => value.length >= SHORTEST && value.length <= LONGEST)
    .filter((value, n) => {
      bytes += Buffer.byteLength(value)
      return n < MOST && bytes <= MOST_BYTES
    })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Names them to the door, where there are any. False when the door does not take them: then nothing may be shown. */
export async function nameSecrets(start: Start, door: Door, signal: AbortSignal): Promise<boolean> {
  const values = secretsIn(start.outer)
  if (values.length === 0) return true
  const headers = { 'content-type': 'application/json' }
  const reply = await door.insist('PUT', '/v1/masks', { headers, body: JSON.stringify({ values }) }, signal)
  // Whoever is away or closed now is so for the request too, which says so.
  return reply.kind !== 'answer' || reply.status < 300
}
