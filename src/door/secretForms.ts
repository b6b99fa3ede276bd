/** The ways in which a secret is written down by programs that print it. */

/** Before each line of a command, of what a tool answered, and of a tool's failure. */
const MARKS = ['$ ', '| ', '! ']

/** Shorter ones are not looked for: they would be found everywhere. In bytes. */
const SHORTEST = 8

/**
 * Every form of the secret that is looked for: as it is, base64 and base64url wherever it may stand within what was
 * encoded, percent-encoded, inside a JSON string (and in one within another), hexadecimal; one of several lines also with the log's
 * marks before them (runtime/README.md, clause 6.5). Nothing for a secret under 8 bytes.
 */
export function formsOf(secret: string): readonly Buffer[] {
  const text = secret.toWellFormed()
  const bytes = Buffer.from(text)
  if (bytes.length < SHORTEST) return []
  const json = JSON.stringify(text).slice(1, -1)
  const percent = encodeURIComponent(text)
  const hex = bytes.toString('hex')
  const forms = [
    text,
    ...MARKS.map((mark) => text.replaceAll('\n', `\n${mark}`)),
    ...[0, 1, 2].flatMap((before) => base64At(bytes, before)),
    percent,
    percent.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    percent.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`),
    json,
    JSON.stringify(json).slice(1, -1),
    hex,
    hex.toUpperCase(),
  ]
  return [...new Set(forms)].map((form) => Buffer.from(form))
}

/**
 * The characters that the secret alone decides when `before` (mod 3) other bytes were encoded ahead of it. What shares a
 * character with its neighbours is left out, at most 4 bits on either side.
 */
export function base64At(secret: Buffer, before: number): readonly [standard: string, url: string] {
  const first = Math.ceil((before * 8) / 6)
  const last = Math.floor(((before + secret.length) * 8) / 6)
  const text = Buffer.concat([Buffer.alloc(before), secret])
    .toString('base64')
    .slice(first, last)
  return [text, text.replaceAll('+', '-').replaceAll('/', '_')]
}
