import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, expect, inject, test } from 'vitest'
import { type Outcome, PROTOCOL } from '../../runtime/protocol.ts'
import { mask } from '../../src/door/mask.ts'
import { createLogbook } from '../../src/redis/logbook.ts'
import { openDoor, REQUEST, TASK } from './openDoor.ts'

const SECRET = 'glpat-THE-REAL-TOKEN'
const redis = new Redis(inject('redisUrl'))
afterAll(() => redis.quit())

const MB = 1024 * 1024

/** A door with a real logbook of its own. */
async function withLogbook() {
  const logbook = createLogbook(redis, `{door-${randomBytes(6).toString('hex')}}`)
  const door = await openDoor({ logbook, secrets: () => [SECRET] })
  return {
    ...door,
    stored: async () => String(await logbook.read(TASK, 0, Number.POSITIVE_INFINITY)),
    storedBytes: () => logbook.read(TASK, 0, Number.POSITIVE_INFINITY),
    async part(from: number, bytes: Buffer | string, headers: Record<string, string> = {}) {
      const body = Buffer.from(bytes)
      const range = `bytes ${from}-${from + body.length - 1}/*`
      const answer = await door.call('/v1/log', {
        method: 'PATCH',
        headers: { 'content-range': range, ...headers },
        body,
      })
      return [answer.status, await answer.json()]
    },
  }
}

const END = { 'errand-log-end': 'true' }

test('the request is given out', async () => {
  await using door = await openDoor()
  expect(await (await door.call('/v1/request')).json()).toEqual(REQUEST)
})

test('the log is kept in order, masked, and acknowledged as far as it is decided', async () => {
  await using door = await withLogbook()
  expect(await door.part(0, 'hello\n')).toEqual([200, { offset: 6 }])
  expect(await door.part(6, `the token is ${SECRET.slice(0, 9)}`)).toEqual([200, { offset: 19 }])
  expect(await door.stored()).toBe('hello\nthe token is ')
  expect(await door.part(19, `${SECRET}\nbye gl`)).toEqual([200, { offset: 19 + SECRET.length + 5 }])
  expect(await door.part(19 + SECRET.length + 5, 'gl', END)).toEqual([200, { offset: 19 + SECRET.length + 7 }])
  expect(await door.stored()).toBe('hello\nthe token is [masked]\nbye gl')
})

test('a part that does not fit is told the byte that is wanted', async () => {
  await using door = await withLogbook()
  await door.part(0, 'hello\n')
  expect(await door.part(0, 'hello\n')).toEqual([416, { offset: 6 }])
  expect(await door.part(9, 'far away\n')).toEqual([416, { offset: 6 }])
  expect(await door.stored()).toBe('hello\n')
})

test('the part is measured in bytes, whatever they are', async () => {
  await using door = await withLogbook()
  const bytes = Buffer.from([0, 255, 13, 10, 195, 40, 33])
  expect(await door.part(0, bytes)).toEqual([200, { offset: 7 }])
  expect((await door.storedBytes()).equals(bytes)).toBe(true)
})

test('a line without end passes in parts of 4 MiB', async () => {
  await using door = await withLogbook()
  const part = Buffer.alloc(4 * MB, 'x')
  for (let n = 0; n < 3; n++) expect(await door.part(n * 4 * MB, part)).toEqual([200, { offset: (n + 1) * 4 * MB }])
  expect((await door.storedBytes()).length).toBe(12 * MB)
})

test.each([
  ['no range', {}, 'hello', 400],
  ['a range without numbers', { 'content-range': 'bytes */5' }, 'hello', 400],
  ['a range in other units', { 'content-range': 'lines 0-4/*' }, 'hello', 400],
  ['a range that is too long', { 'content-range': 'bytes 0-9/*' }, 'hello', 400],
  ['a range that ends before it begins', { 'content-range': 'bytes 9-4/*' }, 'hello', 400],
  ['no bytes', { 'content-range': 'bytes 0-0/*' }, '', 400],
  ['what is packed', { 'content-range': 'bytes 0-4/*', 'content-encoding': 'gzip' }, 'hello', 415],
  ['too much at once', { 'content-range': `bytes 0-${4 * MB}/*` }, Buffer.alloc(4 * MB + 1), 413],
])('%s is refused', async (_, headers, body, status) => {
  await using door = await withLogbook()
  const answer = await door.call('/v1/log', { method: 'PATCH', headers, body })
  expect(answer.status).toBe(status)
  expect(await answer.json()).toEqual({ error: expect.any(String) })
  expect(await door.stored()).toBe('')
})

test('whatever is lost or repeated on the way, the log is what was written, masked', async () => {
  const line = fc.constantFrom(
    `a ${SECRET}`,
    SECRET.slice(0, 11),
    'plain\n',
    '\n',
    encodeURIComponent(SECRET),
    'sk-ant-',
    '0123456789',
  )
  const step = fc.record({ length: fc.integer({ min: 1, max: 60 }), repeat: fc.boolean(), lost: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 20 }),
      fc.array(step, { maxLength: 25 }),
      async (lines, steps) => {
        await using door = await withLogbook()
        const written = Buffer.from(lines.join(''))
        let offset = 0
        for (const { length, repeat, lost } of [...steps, { length: written.length, repeat: false, lost: false }]) {
          if (offset === written.length) break
          const bytes = written.subarray(offset, offset + length)
          const end: Record<string, string> = offset + length >= written.length ? END : {}
          const [, first] = (await door.part(offset, bytes, end)) as [number, { offset: number }]
          const [, again] = repeat
            ? ((await door.part(offset, bytes, end)) as [number, { offset: number }])
            : [0, first]
          // When the answer is lost, the same byte is tried next, and the door tells the right one.
          if (!lost) offset = again.offset
        }
        const [, last] = (await door.part(written.length, ' ', END)) as [number, { offset: number }]
        if (last.offset < written.length) await door.part(last.offset, written.subarray(last.offset), END)
        const expected = mask(written, [SECRET], { end: true }).masked
        expect((await door.stored()).trimEnd()).toBe(String(expected).trimEnd())
      },
    ),
    { numRuns: 40 },
  )
})

test('activity is one line, short, and without secrets', async () => {
  await using door = await withLogbook()
  const put = (text: unknown) => door.call('/v1/activity', { method: 'PUT', body: JSON.stringify({ text }) })
  expect((await put(`  Running\n\ttests with ${SECRET}\x1b[0m `)).status).toBe(204)
  expect((await put('é🎉'.repeat(400))).status).toBe(204)
  expect(door.activities).toEqual(['Running tests with [masked] [0m', 'é🎉'.repeat(150)])
  for (const wrong of [7, null, undefined]) expect((await put(wrong)).status).toBe(400)
  expect((await put('x'.repeat(20_000))).status).toBe(413)
  const broken = await door.call('/v1/activity', { method: 'PUT', body: '{"text":' })
  expect(broken.status).toBe(400)
  expect(door.activities).toHaveLength(2)
})

test('an activity says what part of the run it belongs to; a part that nobody knows is none', async () => {
  await using door = await openDoor()
  const told = [{ phase: 'clone' }, {}, { phase: 'push' }, { phase: 'lunch' }, { phase: 3 }]
  for (const one of told) {
    const body = JSON.stringify({ text: 'works', ...one })
    expect((await door.call('/v1/activity', { method: 'PUT', body })).status).toBe(204)
  }
  expect(door.phases).toEqual(['clone', undefined, 'push', undefined, undefined])
})

const OUTCOME: Outcome = {
  protocol: PROTOCOL,
  result: 'pushed',
  pushed: {
    branch: 'agent/42-n1337',
    commit: 'a'.repeat(40),
    commits: 1,
    files: [{ path: 'README.md', added: 1, removed: 1 }],
  },
  title: 'Fix the typo',
  answer: 'Done.',
  usage: { turns: 3, costUsd: 0.07 },
  warnings: [],
  took: { clone: 120, agent: 3000.5 },
}

const leave = (door: Awaited<ReturnType<typeof withLogbook>>, outcome: unknown) =>
  door.call('/v1/outcome', { method: 'PUT', body: JSON.stringify(outcome) })

test('the outcome is left as it is, without what the contract does not name', async () => {
  await using door = await withLogbook()
  expect((await leave(door, { ...OUTCOME, surprise: 1 })).status).toBe(204)
  expect(door.outcomes).toEqual([OUTCOME])
})

test('every text of an outcome is masked', async () => {
  await using door = await withLogbook()
  const outcome: Outcome = {
    ...OUTCOME,
    result: 'failed',
    failure: { cause: 'agent-error', message: `bad ${SECRET}` },
    title: SECRET,
    answer: `curl -H "PRIVATE-TOKEN: ${SECRET}"`,
    warnings: [`${SECRET}?`],
    pushed: {
      branch: SECRET,
      commit: 'a'.repeat(40),
      commits: 1,
      files: [{ path: `${SECRET}/x`, added: 0, removed: 0 }],
    },
  }
  await leave(door, outcome)
  expect(JSON.stringify(door.outcomes)).not.toContain('THE-REAL-TOKEN')
  expect(door.outcomes[0]).toMatchObject({
    title: '[masked]',
    warnings: ['[masked]?'],
    failure: { message: 'bad [masked]' },
  })
})

test.each([
  [{ ...OUTCOME, protocol: 2 }, /^outcome\.protocol: /],
  [{ ...OUTCOME, result: 'fine' }, /^outcome\.result: /],
  [{ ...OUTCOME, pushed: undefined }, /^outcome\.pushed: missing$/],
  [{ ...OUTCOME, result: 'failed' }, /^outcome\.failure: missing$/],
  [{ ...OUTCOME, failure: { cause: 'bad luck', message: '' } }, /^outcome\.failure\.cause: /],
  [{ ...OUTCOME, pushed: { ...OUTCOME.pushed, commit: 'HEAD' } }, /^outcome\.pushed\.commit: not the id of a commit$/],
  [
    { ...OUTCOME, pushed: { ...OUTCOME.pushed, files: [{ path: 1, added: 0, removed: 0 }] } },
    /^outcome\.pushed\.files\.0\.path: /,
  ],
  [{ ...OUTCOME, usage: { turns: -1 } }, /^outcome\.usage\.turns: /],
  [{ ...OUTCOME, warnings: 'none' }, /^outcome\.warnings: /],
  [[], /^outcome: /],
  ['fine', /^outcome: /],
  [null, /^outcome: /],
])('an outcome that breaks the contract is refused with the place: %#', async (outcome, place) => {
  await using door = await withLogbook()
  const answer = await leave(door, outcome)
  expect(answer.status).toBe(400)
  expect(await answer.json()).toEqual({ error: expect.stringMatching(place) })
  expect(door.outcomes).toEqual([])
})

test('an outcome of more than a megabyte is refused', async () => {
  await using door = await withLogbook()
  expect((await leave(door, { ...OUTCOME, answer: 'x'.repeat(MB) })).status).toBe(413)
})

test('there is nothing else', async () => {
  await using door = await openDoor()
  for (const path of ['/', '/v1', '/v1/other', '/v1/Request', '/v1/request/']) {
    expect((await door.call(path)).status).toBe(404)
  }
})
