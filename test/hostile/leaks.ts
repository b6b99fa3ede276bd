/** Looks for secrets as someone would who wants them: by undoing encodings. Knows nothing of how Errand hides them. */

/** The encodings in which the secret stands in the text, by name. */
export function leaks(text: string, secret: string): string[] {
  const readings: Readonly<Record<string, (text: string) => Iterable<string>>> = {
    raw: (given) => [given],
    json: (given) => [given.replace(/\\(["\\/])/g, '$1'), given.replace(/\\+(["\\/])/g, '$1')],
    url: (given) => [
      given.replace(/(?:%[0-9A-Fa-f]{2})+/g, (code) => Buffer.from(code.replaceAll('%', ''), 'hex').toString()),
    ],
    base64: decoded,
    hex: (given) =>
      [...given.matchAll(/(?:[0-9A-Fa-f]{2}){8,}/g)].map(([run]) => Buffer.from(run, 'hex').toString('latin1')),
  }
  const bytes = Buffer.from(secret).toString('latin1')
  return Object.entries(readings).flatMap(([name, read]) => {
    for (const reading of read(text)) if (reading.includes(secret) || reading.includes(bytes)) return [name]
    return []
  })
}

/** Every run of base64's letters, whichever of its letters the encoding begins with. */
function* decoded(text: string): Generator<string> {
  for (const [run] of text.matchAll(/[A-Za-z0-9+/_-]{11,}/g)) {
    for (const from of [0, 1, 2, 3]) yield Buffer.from(run.slice(from), 'base64').toString('latin1')
  }
}
