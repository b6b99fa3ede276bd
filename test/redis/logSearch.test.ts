import fc from 'fast-check'
import { expect, test } from 'vitest'
import { searchLog } from '../../src/redis/logSearch.ts'

const calm = new AbortController().signal

async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let [at, turn] = [0, 0]; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    yield bytes.subarray(at, at + size)
    at += size
  }
}

/** What a reader with all the memory in the world would find. */
function plainly(text: string, wanted: string) {
  let at = 0
  return text.split('\n').flatMap((line, number) => {
    const begins = at
    at += Buffer.byteLength(line) + 1
    return line.toLowerCase().includes(wanted.toLowerCase()) ? [{ line: number, at: begins }] : []
  })
}

test('wherever it is cut, it is found as in the whole', async () => {
  const word = fc.constantFrom('a', 'B', 'ä', '€', '😀', '\n', ' ', '.*', 'ab')
  await fc.assert(
    fc.asyncProperty(
      fc.array(word, { maxLength: 200 }),
      fc.constantFrom('a', 'AB', 'Ä', '€', '😀', '.*', 'b a'),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 }),
      async (words, wanted, sizes) => {
        const text = words.join('')
        const found = await searchLog(cut(Buffer.from(text), sizes), wanted, 1000, calm)
        expect(found).toEqual({ matches: plainly(text, wanted), more: false })
      },
    ),
  )
})

test('no more than the limit is told, and that there is more', async () => {
  const text = Buffer.from('hit\nmiss\n'.repeat(1500))
  const found = await searchLog(cut(text, [1000]), 'HIT', 1000, calm)
  expect([found.matches.length, found.more, found.matches.at(-1)]).toEqual([1000, true, { line: 1998, at: 8991 }])
  const exact = await searchLog(cut(Buffer.from('hit\n'.repeat(1000)), [999]), 'hit', 1000, calm)
  expect([exact.matches.length, exact.more]).toEqual([1000, false])
})

test('a line of 6 MB counts once, and those behind it are where they are', async () => {
  const half = 'x'.repeat(3 * 1024 * 1024)
  const text = Buffer.from(`first\n${half}needle${half}\nneedle\nlast`)
  const found = await searchLog(cut(text, [64 * 1024]), 'needle', 1000, calm)
  expect(found.matches).toEqual([
    { line: 1, at: 6 },
    { line: 2, at: 6 + 2 * half.length + 7 },
  ])
})

test('other work has its turn meanwhile, and who goes away ends it', async () => {
  const stop = new AbortController()
  let turns = 0
  const timer = setInterval(() => {
    turns++
    if (turns === 3) stop.abort()
  }, 0)
  async function* endless(): AsyncGenerator<Buffer> {
    for (;;) yield Buffer.from('a line that has it not\n'.repeat(10_000))
  }
  await expect(searchLog(endless(), 'needle', 1000, stop.signal)).rejects.toThrow(/abort/i)
  clearInterval(timer)
  expect(turns).toBeGreaterThanOrEqual(3)
})
