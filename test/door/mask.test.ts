import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mask, maskKnown, maskText } from '../../src/door/mask.ts'
import { formsOf } from '../../src/door/secretForms.ts'

const SECRET = 'p4ss"word/with+odd=signs&ümlaut'
const KEY =
  'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\nVJTUt9Us8cKjMzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuictGeurT8jNb'

/** What a stream reads like when it comes in pieces and what is undecided is sent again each time. */
function inPieces(stream: Buffer, cuts: readonly number[], secrets: readonly string[]): Buffer {
  const stored: Buffer[] = []
  let offset = 0
  for (const cut of [...cuts.map((c) => c % (stream.length + 1)).sort((a, b) => a - b), stream.length]) {
    if (cut < offset) continue
    const { masked, decided } = mask(stream.subarray(offset, cut), secrets, { end: false })
    stored.push(masked)
    offset += decided
  }
  stored.push(mask(stream.subarray(offset), secrets, { end: true }).masked)
  return Buffer.concat(stored)
}

test.each([
  ['as it is', `token=${SECRET}.`, 'token=[masked].'],
  ['percent-encoded', `?a=${encodeURIComponent(SECRET)}&b`, '?a=[masked]&b'],
  ['in JSON', JSON.stringify({ a: SECRET }), '{"a":"[masked]"}'],
  ['in JSON in JSON', JSON.stringify(JSON.stringify({ a: SECRET })), '"{\\"a\\":\\"[masked]\\"}"'],
  ['in hexadecimal', `<${Buffer.from(SECRET).toString('hex')}>`, '<[masked]>'],
  ['twice in a row', `${SECRET}${SECRET}`, '[masked][masked]'],
])('a known secret %s is masked', (_, text, expected) => {
  expect(maskText(text, [SECRET])).toBe(expected)
})

test.each(['$ ', '| ', '! '])('what has several lines is masked with a mark of the log before them: %s', (mark) => {
  const marked = (text: string) => text.replaceAll(/^/gm, mark)
  const secret = 'first line of it\nsecond line\n\nfourth'
  expect(maskText(marked(`before\n${secret} after\nnext`), [secret])).toBe(
    `${mark}before\n${mark}[masked] after\n${mark}next`,
  )
  const key = `-----BEGIN PRIVATE KEY-----\n${KEY}\n-----END PRIVATE KEY-----`
  expect(maskText(marked(`cat key\n${key}\nnext`), [])).toBe(`${mark}cat key\n${mark}[masked]\n${mark}next`)
})

test.each([0, 1, 2, 3, 4, 5])('a known secret is masked in base64, %i bytes into what was encoded', (before) => {
  for (const encoding of ['base64', 'base64url'] as const) {
    const whole = `${'u'.repeat(before)}${SECRET}:tail`
    const shown = maskText(Buffer.from(whole).toString(encoding), [SECRET])
    expect(shown).toContain('[masked]')
    // What is left are the neighbours, and at most one character on either side that they share with the secret.
    expect(shown.replace('[masked]', '').length).toBeLessThanOrEqual(Math.ceil(((before + 5) * 8) / 6) + 3)
  }
})

test.each([
  ['glpat-abcDEF123456_-xyz0', 'a GitLab token'],
  ['glpat-demo-developer', 'a short GitLab token'],
  ['glptt-0123456789abcdef0123', 'a trigger token'],
  ['gloas-0123456789abcdef0123', 'an OAuth secret'],
  ['sk-ant-api03-CANARY_0123456789', 'a key of Anthropic'],
  ['sk-proj-AbCd0123EfGh4567IjKl8901', 'a key of OpenAI'],
  ['AKIAIOSFODNN7EXAMPLE', 'a key of AWS'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P', 'a JWT'],
  [`errand.42-n1337.1.${'aB3-'.repeat(10)}xyz`, 'the credential of a task'],
  [
    Buffer.from(`x:errand.42-n1337.1.${'aB3-'.repeat(10)}xyz`)
      .toString('base64')
      .slice(3),
    'it as Basic password',
  ],
  [Buffer.from(`errand.42-n1337.1.${'aB3-'.repeat(10)}xyz`).toString('hex'), 'it in hexadecimal'],
  [`-----BEGIN RSA PRIVATE KEY-----\n${KEY}\n-----END RSA PRIVATE KEY-----`, 'a private key'],
  [`-----BEGIN PRIVATE KEY-----\\n${KEY.replace('\n', '\\n')}\\n-----END PRIVATE KEY-----`, 'a private key in JSON'],
])('%s is masked: %s', (secret) => {
  expect(maskText(`"\x1b[31m${secret}"`, [])).toBe('"\x1b[31m[masked]"')
  expect(maskText(`\\n${secret}`, [])).toBe('\\n[masked]')
})

test('a key that was cut off is masked as far as it goes', () => {
  expect(maskText(`-----BEGIN PRIVATE KEY-----\n${KEY}`, [])).toBe('[masked]')
})

test.each([
  'task-42-n1337-attempt-1 and disk-usage-of-the-machine-is-fine',
  'a skeleton, glpat-short, AKIA, eyJ2ZXJzaW9uIjozLCJzb3VyY2VzIjpbXX0= in a source map',
  'const start = "-----BEGIN CERTIFICATE-----"',
  'errand.some-namespace.svc.cluster.local:8081/v1/git',
])('ordinary text stays: %s', (text) => {
  expect(maskText(text, [SECRET, '', 'short'])).toBe(text)
})

test('of secrets that overlap nothing is left', () => {
  expect(maskText('<abcdefghij-klmnop>', ['abcdefghij', 'ghij-klmnop'])).toBe('<[masked]>')
  expect(maskText('<glpat-12345678+/rest>', ['glpat-12345678+/rest'])).toBe('<[masked]>')
  expect(maskText(`<${'a'.repeat(100_000)}>`, ['a'.repeat(10)])).toMatch(/^<(\[masked\]){1,3}a{0,9}>$/)
})

test('only what may become a secret waits for more', () => {
  expect(mask(Buffer.from('all of it now!'), [SECRET], { end: false }).decided).toBe(14)
  expect(mask(Buffer.from('all but p4ss'), [SECRET], { end: false }).decided).toBe(8)
  expect(mask(Buffer.from('all but glpa'), [], { end: false }).decided).toBe(8)
  expect(mask(Buffer.from('all but glpat-12345678'), [], { end: false }).decided).toBe(8)
  expect(mask(Buffer.from('all but glpa'), [], { end: true })).toMatchObject({ decided: 12, count: 0 })
})

test('however a stream is cut, the same is stored, and no form of a secret', () => {
  const secrets = ['abababab', 'babacabab', 'glpat-ab', SECRET, 'aaaaaaaab']
  const forms = secrets.flatMap(formsOf)
  const part = fc.oneof(
    fc.constantFrom(...secrets, ...forms.map((form) => form.toString('latin1'))),
    fc.constantFrom(
      'glpat-',
      'eyJ',
      '.eyJ',
      'sk-',
      'A1',
      'errand.',
      '-----BEGIN ',
      'PRIVATE KEY-----',
      '-----END ',
      ' ',
      '\n',
    ),
    fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 }),
    fc.constantFrom('a'.repeat(20_000), 'glpat-aa'.repeat(3000), 'abababab glpat-'.repeat(9000)),
  )
  const stream = fc.array(part, { maxLength: 30 }).map((parts) => Buffer.from(parts.join(''), 'latin1'))
  fc.assert(
    fc.property(stream, fc.array(fc.nat(), { maxLength: 20 }), (bytes, cuts) => {
      const whole = mask(bytes, secrets, { end: true })
      expect(whole.decided).toBe(bytes.length)
      expect(inPieces(bytes, cuts, secrets).equals(whole.masked)).toBe(true)
      for (const form of forms) expect(whole.masked.includes(form)).toBe(false)
    }),
    { numRuns: 400 },
  )
})

test('an agent is shown what only looks like a secret, and none of ours', () => {
  const ours = 'glpat-OURS-0123456789'
  expect(maskKnown(`<${ours}> <glpat-abcDEF123456_-xyz0> <${btoa(ours)}>`, [ours])).toMatch(
    /^<\[masked\]> <glpat-abcDEF123456_-xyz0> <\[masked\].?.?=*>$/,
  )
})

test('every run has secrets of its own, and each is shown without its own', () => {
  const sets = Array.from({ length: 40 }, (_, run) => ['shared-by-all', `run-${run}-token`, 'x'.repeat(3000 + run)])
  for (const round of [1, 2]) {
    for (const [run, secrets] of sets.entries()) {
      const shown = maskText(`shared-by-all run-${run}-token run-${(run + 50) * round}-token`, secrets)
      expect(shown).toBe(`[masked] [masked] run-${(run + 50) * round}-token`)
    }
  }
})

const MB = 1024 * 1024
test.each([
  ['eyJ', []],
  ['eyJ.', []],
  ['eyJa.eyJ', []],
  ['sk-', []],
  ['sk-A', []],
  ['errand.', []],
  ['errand.a-1.1.', []],
  ['glpat-', []],
  ['-----BEGIN ', []],
  ['-----BEGIN PRIVATE KEY-----', []],
  ['-----BEGIN PRIVATE KEY----------END ', []],
  ['a', [`${'a'.repeat(4000)}b`]],
  ['ab', [`${'ab'.repeat(200)}c`, `${'ba'.repeat(300)}c`, 'abababababa']],
  ['\\', ['\\'.repeat(50)]],
])('a megabyte of %j is masked in linear time, and never gets stuck', (unit, secrets) => {
  const bytes = Buffer.from(unit.repeat(Math.ceil(MB / unit.length)))
  mask(bytes.subarray(0, 1000), secrets, { end: false })
  const started = performance.now()
  const { decided } = mask(bytes, secrets, { end: false })
  expect(performance.now() - started).toBeLessThan(1000)
  expect(decided).toBeGreaterThan(bytes.length - 300 * 1024)
})
