import { expect, test } from 'vitest'
import { claimed, sign, verify } from '../../src/door/credential.ts'

const KEY = 'a key of at least thirty-two characters'
const genuine = sign(KEY, '42-n1337', 3)

test('a credential names its attempt, and its own key verifies it', () => {
  expect(genuine).toMatch(/^errand\.42-n1337\.3\.[A-Za-z0-9_-]{43}$/)
  expect(verify(KEY, genuine)).toEqual({ task: '42-n1337', attempt: 3 })
})

test.each([
  ['another key', sign('another key', '42-n1337', 3)],
  ['another attempt', genuine.replace('.3.', '.4.')],
  ['another task', genuine.replace('42-n1337', '42-n1338')],
  ['a changed signature', genuine.slice(0, -2) + (genuine.at(-2) === 'A' ? 'B' : 'A') + genuine.at(-1)],
  // The last of 43 characters holds two bits that mean nothing; no other text may stand for the same credential.
  [
    'another text for the same bytes',
    genuine.slice(0, -1) + String.fromCharCode((genuine.at(-1) ?? '').charCodeAt(0) + 1),
  ],
  ['no signature', 'errand.42-n1337.3.'],
  ['a space before', ` ${genuine}`],
  ['a line end behind', `${genuine}\n`],
  ['an attempt with a zero before', genuine.replace('.3.', '.03.')],
  ['nothing', ''],
  ['a long text', 'errand.'.repeat(1000)],
])('%s is not verified', (_, text) => {
  expect(verify(KEY, text)).toBeUndefined()
})

test('what a forged one claims can be logged, as far as it has the shape', () => {
  expect(claimed(sign('another key', '42-n1337', 3))).toEqual({ task: '42-n1337', attempt: 3 })
  expect(claimed('glpat-something')).toBeUndefined()
})

test('no credential is made for what could not be told apart', () => {
  expect(() => sign(KEY, '42.n1', 1)).toThrow('42.n1')
  expect(() => sign(KEY, '42-n1', 0)).toThrow('attempt 0')
})
