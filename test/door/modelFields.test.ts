import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readFields } from '../../src/door/modelFields.ts'
import { pieces } from './modelPieces.ts'

/** All fields that can be asked for, of a text in these pieces. */
function read(text: Uint8Array | string, cuts: readonly number[] = []) {
  const found: [string, unknown][] = []
  const reader = readFields({ want: () => true, take: (path, value) => void found.push([path.join('/'), value]) })
  for (const piece of pieces(Buffer.from(text), cuts)) reader.write(piece)
  return { state: reader.state, found }
}

test('one field is found among others, wherever the text is cut', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.array(fc.nat()),
      fc.constantFrom(0, 1, '\t'),
      (object, cuts, space) => {
        const { state, found } = read(JSON.stringify(object, null, space), cuts)
        expect(state).toBe('complete')
        const short = (key: string) => Buffer.byteLength(JSON.stringify(key)) <= 256
        expect(found).toEqual(Object.entries(JSON.parse(JSON.stringify(object))).filter(([key]) => short(key)))
      },
    ),
  )
})

const TEXT = /"([^"\\]|\\(["\\/bfnrt]|u[0-9a-f]{4}))*"/gi

test('what is JSON is read to its end, and what is not is never', () => {
  const mangled = fc.tuple(
    fc.json(),
    fc.nat(),
    fc.constantFrom('', ',', ':', '"', '{', '}', '[', ']', '\\', ' ', '0', '/'),
  )
  fc.assert(
    fc.property(mangled, fc.array(fc.nat()), ([json, at, put], cuts) => {
      const where = at % (json.length + 1)
      const text = json.slice(0, where) + put + json.slice(where + (put === '' ? 1 : 0))
      const parsed = parse(text)
      const container = typeof parsed === 'object' && parsed !== null
      const { state } = read(text, cuts)
      if (container) expect(state).toBe('complete')
      // What stands in texts, and in numbers and words, is not checked: only what decides where they begin and end.
      else if (/^[\s{}[\]:,"]*$/.test(text.replaceAll(TEXT, '""'))) expect(state).not.toBe('complete')
    }),
    { numRuns: 2000 },
  )
})

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

test.each([
  ['{"a":1}', 'complete', [['a', 1]]],
  [
    '{"a":{"b":[1,{"c":2}]},"d":null}',
    'complete',
    [
      ['a', { b: [1, { c: 2 }] }],
      ['d', null],
    ],
  ],
  ['{"\\u0061":"\\u00e9\\n"}', 'complete', [['a', 'é\n']]],
  [
    '[{"a":1},{"a":2}]',
    'complete',
    [
      ['[]/a', 1],
      ['[]/a', 2],
    ],
  ],
  [' {} \n', 'complete', []],
  ['{"a":1', 'open', []],
  ['', 'open', []],
  ['{"a":1}{"a":2}', 'broken', [['a', 1]]],
  ['{"a":1}x', 'broken', [['a', 1]]],
  ['\ufeff{"a":1}', 'broken', []],
  ['{"a":1,}', 'broken', [['a', 1]]],
  ["{'a':1}", 'broken', []],
  ['{"a":1 /* x */}', 'broken', [['a', 1]]],
  ['{"a" 1}', 'broken', []],
  ['{"a":1 "b":2}', 'broken', [['a', 1]]],
  ['{"a":tru}', 'broken', []],
  ['{"a\\q":1}', 'broken', []],
  ['"text"', 'broken', []],
  ['17', 'broken', []],
  [Buffer.from('{"a":1}', 'utf16le'), 'broken', []],
] as const)('%j is %s', (text, state, found) => {
  expect(read(text)).toEqual({ state, found })
})

test('a field of a field is found where the outer one is not taken', () => {
  const found: unknown[] = []
  const reader = readFields({
    want: (path) => path.join('/') === 'message/usage',
    take: (path, value) => void found.push([path, value]),
  })
  reader.write(Buffer.from('{"usage":1,"message":{"deep":{"usage":2},"usage":{"x":3}},"message":4}'))
  expect(found).toEqual([[['message', 'usage'], { x: 3 }]])
})

test('memory stays small: long texts are passed over, long values and keys are not taken, deep nesting is refused', () => {
  const found: unknown[] = []
  const reader = readFields({ want: () => true, take: (path, value) => void found.push([path[0], value]) })
  reader.write(Buffer.from('{"long":"'))
  const part = Buffer.alloc(1024 * 1024, 'x')
  const before = process.memoryUsage().arrayBuffers
  for (let n = 0; n < 64; n++) reader.write(part)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024)
  reader.write(Buffer.from(`","${'k'.repeat(300)}":1,"short":2}`))
  expect(found).toEqual([['short', 2]])
  expect(reader.state).toBe('complete')
  expect(read('['.repeat(256) + ']'.repeat(256)).state).toBe('complete')
  expect(read('['.repeat(257) + ']'.repeat(257)).state).toBe('broken')
})
