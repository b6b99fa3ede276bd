/** What the log is made of in the browser, without one. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Conversation } from '../../src/web/log/conversation.ts'
import { LineIndex } from '../../src/web/log/lineIndex.ts'
import { splitMatches } from '../../src/web/log/splitMatches.ts'
import { visible } from '../../src/web/visible.ts'
import { ScriptedLog } from './scriptedLog.ts'

test('a line index that grew knows what one that was told does', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 90_000 }), { maxLength: 30 }), (lengths) => {
      const log = new ScriptedLog()
      const grown = new LineIndex(log.lines())
      for (const length of lengths) grown.append(Buffer.from(log.write(`${'x'.repeat(length)}\n`).text))
      const told = new LineIndex(log.lines())
      expect([grown.size, grown.newlines, grown.chunks()]).toEqual([told.size, told.newlines, told.chunks()])
      for (let chunk = 0; chunk <= told.chunks(); chunk += 1) expect(grown.before(chunk)).toBe(told.before(chunk))
      for (const [place, _] of lengths.entries()) {
        const at = lengths.slice(0, place + 1).reduce((sum, length) => sum + length + 1, -1)
        expect(grown.chunkOfNewline(place + 1)).toBe(Math.floor(at / 65_536))
      }
    }),
    { numRuns: 60 },
  )
})

test('a conversation is the same in whatever pieces it comes', () => {
  const text =
    'errand: 1-n1, attempt 1, in demo/shop\nCloning\nerrand: agent claude\nHello\n\n- a\n> Reads a\n| one\n! two\n$ npm test\n$ npm run x\n| ok\nBye\nerrand: agent: 2.0 s\nleftover\n'
  const read = (pieces: readonly string[]) => {
    const conversation = new Conversation(false)
    for (const piece of pieces) conversation.feed(piece)
    conversation.end()
    return conversation.items.map(({ kind, lines, answer, failures }) => ({
      kind,
      lines,
      answer: answer.map(({ text }) => text),
      failures,
    }))
  }
  const whole = read([text])
  expect(whole).toMatchInlineSnapshot(`
    [
      {
        "answer": [],
        "failures": 0,
        "kind": "own",
        "lines": [
          "1-n1, attempt 1, in demo/shop",
        ],
      },
      {
        "answer": [],
        "failures": 0,
        "kind": "output",
        "lines": [
          "Cloning",
        ],
      },
      {
        "answer": [],
        "failures": 0,
        "kind": "own",
        "lines": [
          "agent claude",
        ],
      },
      {
        "answer": [],
        "failures": 0,
        "kind": "said",
        "lines": [
          "Hello",
          "",
          "- a",
        ],
      },
      {
        "answer": [
          "one",
          "two",
        ],
        "failures": 1,
        "kind": "did",
        "lines": [
          "Reads a",
        ],
      },
      {
        "answer": [
          "ok",
        ],
        "failures": 0,
        "kind": "command",
        "lines": [
          "npm test",
          "npm run x",
        ],
      },
      {
        "answer": [],
        "failures": 0,
        "kind": "said",
        "lines": [
          "Bye",
        ],
      },
      {
        "answer": [],
        "failures": 0,
        "kind": "own",
        "lines": [
          "agent: 2.0 s",
        ],
      },
      {
        "answer": [],
        "failures": 0,
        "kind": "output",
        "lines": [
          "leftover",
        ],
      },
    ]
  `)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: text.length })), (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), text.length]
      expect(read(at.slice(1).map((end, place) => text.slice(at[place], end)))).toEqual(whole)
    }),
  )
})

test('matches are marked whatever their letter case, and nothing is lost', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, search) => {
      expect(
        splitMatches(text, search)
          .map((piece) => piece.text)
          .join(''),
      ).toBe(text)
    }),
  )
  expect(splitMatches('a Needle, NEEDLE', 'needle').filter(({ matches }) => matches)).toHaveLength(2)
})

test('what hides is shown, and what people write stays as it is', () => {
  expect(visible('a\u202eb\u0000c\u{e0041}')).toBe('a‹U+202E›b‹U+0000›c‹U+E0041›')
  for (const text of ['Grüße, Ægir\tund\nmehr', '👩‍👩‍👧 ❤️', 'می‌خواهم', '日本語 שלום']) expect(visible(text)).toBe(text)
})
