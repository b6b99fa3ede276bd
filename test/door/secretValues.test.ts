import { expect, test } from 'vitest'
import { type Outcome, PROTOCOL } from '../../runtime/protocol.ts'
import { seal, unseal } from '../../src/door/secretSeal.ts'
import { valuesOf } from '../../src/door/secretValues.ts'
import { KEY, openDoor, TASK } from './openDoor.ts'

const VALUE = 'the-mirror-password'
type Door = Awaited<ReturnType<typeof openDoor>>

const put = (door: Door, values: unknown) => door.call('/v1/masks', { method: 'PUT', body: JSON.stringify({ values }) })

const OUTCOME: Outcome = { protocol: PROTOCOL, result: 'unchanged', answer: `it is ${VALUE}`, warnings: [], took: {} }

test('what the container names is masked in log, activity and outcome, in every form', async () => {
  const stored: string[] = []
  await using door = await openDoor({
    logbook: {
      append: async (_, __, ___, to, masked, places) => {
        stored.push(`${places} ${masked}`)
        return { ok: true, offset: to }
      },
    },
  })
  const say = async () => {
    const body = `PASSWORD=${VALUE} ${Buffer.from(VALUE).toString('hex')}\n`
    const headers = { 'content-range': `bytes 0-${body.length - 1}/*`, 'errand-log-end': 'true' }
    await door.call('/v1/log', { method: 'PATCH', headers, body })
    await door.call('/v1/activity', { method: 'PUT', body: JSON.stringify({ text: `Printing ${VALUE}` }) })
    await door.call('/v1/outcome', { method: 'PUT', body: JSON.stringify(OUTCOME) })
  }
  await say()
  expect(door.activities).toEqual([`Printing ${VALUE}`])
  expect((await put(door, [VALUE])).status).toBe(204)
  await say()
  expect(stored[1]).toBe('2 PASSWORD=[masked] [masked]\n')
  expect(door.activities[1]).toBe('Printing [masked]')
  expect(door.outcomes[1]?.answer).toBe('it is [masked]')
})

test('values are kept sealed, added once, and never taken away', async () => {
  await using door = await openDoor()
  for (const values of [[VALUE], [VALUE, ''], [], ['another-value', 'another-value']]) {
    expect((await put(door, values)).status).toBe(204)
  }
  expect(door.masks).toHaveLength(2)
  expect(JSON.stringify(door.masks)).not.toContain('mirror')
  const masks = { add: async () => {}, of: async () => door.masks }
  expect(await valuesOf({ task: TASK, attempt: 2 }, { key: KEY, masks })).toEqual([VALUE, 'another-value'])
  await expect(valuesOf({ task: TASK, attempt: 3 }, { key: KEY, masks })).rejects.toThrow('cannot be read')
})

test.each([
  ['no list', 'all of them', 400],
  ['other than texts', [1, 2], 400],
  ['too many', Array.from({ length: 201 }, (_, n) => `value-${n}`), 400],
  ['too long ones', ['x'.repeat(16 * 1024 + 1)], 413],
])('%s is refused', async (_, values, status) => {
  await using door = await openDoor()
  const answer = await put(door, values)
  expect(answer.status).toBe(status)
  expect(await answer.json()).toEqual({ error: expect.stringMatching(/^masks\.values: /) })
  expect(door.masks).toEqual([])
})

test('an agent that names ever more values comes to an end', async () => {
  await using door = await openDoor()
  const values = (n: number) => Array.from({ length: 150 }, (_, i) => `value-${n}-${i}`)
  expect((await put(door, values(1))).status).toBe(204)
  expect((await put(door, values(2))).status).toBe(413)
})

test('what is sealed is read for its purpose alone, unchanged, with the same key', () => {
  const sealed = seal(KEY, 'a purpose', 'words 🎉')
  expect(unseal(KEY, 'a purpose', sealed)).toBe('words 🎉')
  expect(sealed).not.toBe(seal(KEY, 'a purpose', 'words 🎉'))
  expect(unseal(KEY, 'another', sealed)).toBeUndefined()
  expect(unseal(`${KEY}!`, 'a purpose', sealed)).toBeUndefined()
  expect(unseal(KEY, 'a purpose', 'short')).toBeUndefined()
  const changed = Buffer.from(sealed, 'base64url')
  for (let at = 0; at < changed.length; at++) {
    changed.writeUInt8((changed[at] as number) ^ 1, at)
    expect(unseal(KEY, 'a purpose', changed.toString('base64url'))).toBeUndefined()
    changed.writeUInt8((changed[at] as number) ^ 1, at)
  }
})
