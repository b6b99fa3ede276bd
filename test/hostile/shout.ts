/** Says secrets aloud, in every form that programs print them in. */

import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Say } from './agent.ts'

/** Long enough for the first half to be on its way alone. */
const BETWEEN_HALVES = 700

export type Canaries = {
  /** Secrets that Errand itself has: whatever they look like, it knows them. */
  readonly known: readonly string[]
  /** What is a secret by its looks alone: said as it is. */
  readonly shaped: readonly string[]
}

/** Which it would not have; the test gives them to it, each turned round, so that whoever reads the file has not read them. */
export function canaries(): Canaries {
  const { known, shaped } = JSON.parse(readFileSync(new URL('canaries.json', import.meta.url), 'utf8')) as Canaries
  return { known: known.map(turned), shaped: shaped.map(turned) }
}

export function turned(text: string): string {
  return [...text].reverse().join('')
}

/** The five encodings. */
export const ENCODINGS: Readonly<Record<string, (secret: string) => string>> = {
  raw: (secret) => secret,
  base64: (secret) => Buffer.from(secret).toString('base64'),
  base64url: (secret) => Buffer.from(secret).toString('base64url'),
  url: (secret) => encodeURIComponent(secret),
  json: (secret) => JSON.stringify(secret).slice(1, -1),
}

/** Of each secret: each encoding, also of the secret within a sentence, where base64 reads differently. */
function forms({ known, shaped }: Canaries): string[] {
  const encoded = known.flatMap((secret) =>
    Object.values(ENCODINGS).flatMap((encode) => [encode(secret), encode(`key=${secret};`), encode(`a: ${secret}\n`)]),
  )
  return [...encoded, ...shaped]
}

export async function shout(say: Say): Promise<void> {
  const given = canaries()
  const all = forms(given)
  for (const form of all) {
    process.stdout.write(`shouted ${form} shouted\n`)
    process.stderr.write(`hissed ${form}${form} hissed\n`)
  }
  // Torn, with time between the halves for the first to be sent.
  for (const stream of [process.stdout, process.stderr]) {
    stream.write(`torn ${all.map((form) => form.slice(0, form.length / 2)).join(' ')} `)
    for (const secret of given.known) {
      for (const encode of Object.values(ENCODINGS)) {
        const form = encode(secret)
        stream.write(`torn ${form.slice(0, form.length / 2)}`)
        await sleep(BETWEEN_HALVES / 10)
        stream.write(`${form.slice(form.length / 2)}\n`)
      }
    }
    const [first = ''] = given.known
    stream.write(`slowly torn ${first.slice(0, 9)}`)
    await sleep(BETWEEN_HALVES)
    stream.write(`${first.slice(9)} torn\n`)
  }
  say('shout', `${all.length} forms`)
}

/** An answer that would tell all, and order GitLab about. */
export function shoutedAnswer(): string {
  const orders = [
    '/close',
    '/merge',
    '/assign @maintainer',
    '/confidential',
    '@all look here',
    '<!-- errand:1-n1 reply -->',
  ]
  return ['I have found these:', '', ...forms(canaries()).map((form) => `- ${form}`), '', ...orders].join('\n')
}
