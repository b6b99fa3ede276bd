import { expect, test } from 'vitest'
import { packet } from '../../src/door/pktLine.ts'
import { judgePush, LARGEST_REQUEST, readPushRequest } from '../../src/door/pushCommands.ts'

const ZERO = '0'.repeat(40)
const A = 'a'.repeat(40)
const B = 'b'.repeat(40)
const CAPABILITIES = 'report-status side-band-64k agent=git/2.39.5'

const bytes = (...parts: string[]) =>
  Buffer.concat(parts.map((part) => (part === '0000' ? Buffer.from(part) : packet(part))))
const one = (command: string, capabilities = CAPABILITIES) => bytes(`${command}\0 ${capabilities}`, '0000')

function judged(input: Buffer): string | undefined {
  const request = readPushRequest(input)
  if (request === 'more') return 'more'
  return 'broken' in request ? `broken: ${request.broken}` : judgePush(request, 'agent/1-n1')
}

test('a push of the branch is understood, whatever follows it', () => {
  const input = Buffer.concat([one(`${A} ${B} refs/heads/agent/1-n1`), Buffer.from('PACK…')])
  expect(readPushRequest(input)).toEqual({
    commands: [{ before: A, after: B, ref: 'refs/heads/agent/1-n1' }],
    capabilities: ['report-status', 'side-band-64k', 'agent=git/2.39.5'],
    options: [],
  })
  expect(judged(input)).toBeUndefined()
})

test('until the list of refs is whole, more is wanted', () => {
  const whole = one(`${A} ${B} refs/heads/agent/1-n1`, `${CAPABILITIES} push-options`)
  const both = Buffer.concat([whole, bytes('ci.skip', '0000')])
  for (let length = 0; length < both.length; length++) expect(judged(both.subarray(0, length))).toBe('more')
  expect(judged(both)).toBe('push options are not passed on')
})

test.each([
  ['a new branch', one(`${ZERO} ${B} refs/heads/agent/1-n1`), undefined],
  ['a shallow clone', bytes(`shallow ${A}`, `${A} ${B} refs/heads/agent/1-n1\0${CAPABILITIES}`, '0000'), undefined],
  ['SHA-256', one(`${'a'.repeat(64)} ${'b'.repeat(64)} refs/heads/agent/1-n1`), undefined],
  ["git's probe", bytes('0000'), undefined],
  ['no push options', bytes(`${A} ${B} refs/heads/agent/1-n1\0push-options`, '0000', '0000'), undefined],
  ['another branch', one(`${A} ${B} refs/heads/main`), 'only agent/1-n1 may be pushed'],
  ['a longer name', one(`${A} ${B} refs/heads/agent/1-n1/x`), 'only agent/1-n1 may be pushed'],
  ['other capitals', one(`${A} ${B} refs/heads/Agent/1-n1`), 'only agent/1-n1 may be pushed'],
  ['a tag of that name', one(`${A} ${B} refs/tags/agent/1-n1`), 'only agent/1-n1 may be pushed'],
  ['a deletion', one(`${A} ${ZERO} refs/heads/agent/1-n1`), 'agent/1-n1 may not be deleted'],
  [
    'two refs',
    bytes(`${A} ${B} refs/heads/agent/1-n1\0${CAPABILITIES}`, `${A} ${B} refs/heads/main`, '0000'),
    'only agent/1-n1 may be pushed, alone',
  ],
  [
    'the same ref twice',
    bytes(`${A} ${B} refs/heads/agent/1-n1\0x`, `${A} ${ZERO} refs/heads/agent/1-n1`, '0000'),
    'only agent/1-n1 may be pushed, alone',
  ],
  [
    'push options',
    bytes(`${A} ${B} refs/heads/agent/1-n1\0push-options`, '0000', 'ci.skip', '0000'),
    'push options are not passed on',
  ],
  [
    'push options, as git reads them too',
    bytes(`${A} ${B} refs/heads/agent/1-n1\0push-options=1`, '0000', 'ci.skip', '0000'),
    'push options are not passed on',
  ],
  [
    'push options behind a tab',
    bytes(`${A} ${B} refs/heads/agent/1-n1\0a\tpush-options`, '0000', 'ci.skip', '0000'),
    'push options are not passed on',
  ],
  ['a signed push', bytes('push-cert\0push-options', 'certificate version 0.1', '0000'), 'broken: it is signed'],
  [
    'capabilities a second time',
    bytes(`${A} ${B} refs/heads/a\0x`, `${A} ${B} refs/heads/b\0push-options`, '0000'),
    'broken: it is not what git sends',
  ],
  [
    'two lists of capabilities',
    bytes(`${A} ${B} refs/heads/agent/1-n1\0x\0push-options`, '0000'),
    'broken: it is not what git sends',
  ],
  ['capabilities of a shallow line', bytes(`shallow ${A}\0push-options`, '0000'), 'broken: it is not what git sends'],
  ['ids of different length', one(`${A} ${'b'.repeat(64)} refs/heads/agent/1-n1`), 'broken: it is not what git sends'],
  ['a ref with a space', one(`${A} ${B} refs/heads/agent/1-n1 x`), 'broken: it is not what git sends'],
  ['no packets', Buffer.from('PACK and more'), 'broken: it is not what git sends'],
  ['a length below four', Buffer.from('0003'), 'broken: it is not what git sends'],
  [
    'a list without end',
    bytes(...Array.from({ length: 12_000 }, () => `${A} ${B} refs/heads/agent/1-n1`)),
    'broken: its list of refs is too long',
  ],
])('%s', (_, input, expected) => {
  expect(judged(input)).toBe(expected)
})

test('no more is held than the largest request and what came with its end', () => {
  expect(judged(Buffer.alloc(LARGEST_REQUEST + 1, packet('x'.repeat(60_000))))).toMatch(/^broken/)
})
