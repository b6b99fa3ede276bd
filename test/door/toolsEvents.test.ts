import { Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readEvents, type ServerEvent, TooLong, writeEvent } from '../../src/door/toolsEvents.ts'

/** What is read of a text that comes in pieces of bytes. */
async function read(text: string, cuts: readonly number[] = [], most = 1_000_000): Promise<readonly ServerEvent[]> {
  const bytes = Buffer.from(text)
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  const pieces = at.slice(1).map((end, i) => bytes.subarray(at[i], end))
  return Array.fromAsync(readEvents(Readable.from(pieces.filter((piece) => piece.length > 0)), most))
}

test.each([
  ['data: a\n\n', [{ data: 'a' }]],
  ['data:a\ndata: b\ndata\n\n', [{ data: 'a\nb\n' }]],
  ['event: message\nid: 1\nretry: 10\ndata: a\n\n', [{ event: 'message', id: '1', retry: '10', data: 'a' }]],
  ['\uFEFFdata: a\r\n\r\ndata: b\r\rdata: c\n\n', [{ data: 'a' }, { data: 'b' }, { data: 'c' }]],
  [': alive\n\ndata: a: b\nother: x\n\n', [{}, { data: 'a: b' }]],
  ['\n\n\nid: 7\ndata:\n\n', [{ id: '7', data: '' }]],
  ['data: never ended', []],
])('%j', async (text, events) => {
  expect(await read(text)).toEqual(events)
})

test('however the bytes are cut, the same events are read', async () => {
  const piece = fc.constantFrom('data: é🎉', 'data:', 'id: 1', ': c', '\r\n', '\n', '\r', '\n\n', '\r\r', 'x')
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 40 }),
      fc.array(fc.nat(), { maxLength: 20 }),
      async (pieces, cuts) => {
        const text = pieces.join('')
        expect(await read(text, cuts)).toEqual(await read(text))
      },
    ),
  )
})

test('what was written is read back', async () => {
  const field = fc.string({ unit: fc.constantFrom('a', ':', ' ', 'é') }).map((text) => `x${text}`)
  const event = fc.record(
    { event: field, id: field, data: fc.array(field, { minLength: 1 }).map((lines) => lines.join('\n')) },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(event), async (events) => {
      expect(await read(events.map(writeEvent).join(''))).toEqual(events)
    }),
  )
})

test('no more is held than one event may have', async () => {
  await expect(read('x'.repeat(101), [50], 100)).rejects.toThrow(TooLong)
  await expect(read('data: 123456789\n'.repeat(10), [], 100)).rejects.toThrow(TooLong)
  expect(await read('data: 123456789\n\n'.repeat(10), [], 100)).toHaveLength(10)
})
