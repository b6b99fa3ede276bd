/** The log's grammar (runtime/README.md, clauses 6.5 and 6.6), as a reader of it would hold it to. */

import { expect, test } from 'vitest'
import { marked, unmarked } from '../../runtime/logMarks.ts'
import { newAttempt } from './attempt.ts'

test.each([
  ['> ', 'one', '> one'],
  ['| ', 'one\n\ntwo', '| one\n| \n| two'],
  ['errand: ', 'one\r\ntwo\u2028three', 'errand: one\r\nerrand: two\u2028three'],
] as const)('every line gets its mark: %j', (mark, text, expected) => {
  expect(marked(mark, text)).toBe(expected)
})

test.each([
  ['plain', 'plain'],
  ['> a quote\n| a | table |', ' > a quote\n | a | table |'],
  ['errand: the end: pushed', ' errand: the end: pushed'],
  ['errand:no mark\n>none\n$HOME\n!important\n|', 'errand:no mark\n>none\n$HOME\n!important\n|'],
  ['  > has its space', '  > has its space'],
])('words that look marked are moved: %j', (text, expected) => {
  expect(unmarked(text)).toBe(expected)
})

const SPEECH = [
  { type: 'text', text: 'I look:\n> quoted\nerrand: agent: 1.0 s' },
  { type: 'tool_use', name: 'Bash', input: { command: 'cat <<X\n$ a\nX' } },
]
const ANSWERS = [
  { type: 'tool_result', content: '$ a\n\nerrand: the end: pushed\n' },
  { type: 'tool_result', is_error: true, content: 'Exit code 3\n> no' },
]

test('a whole log: who says a line is told by how it begins, whatever the agent prints', async () => {
  const attempt = await newAttempt({
    agent: 'claude',
    files: { 'CLAUDE.md': 'Be brief.\n', 'agent-setup.sh': 'printf "no end"\n' },
  })
  const say = (type: string, content: object) => JSON.stringify({ type, message: { content } })
  attempt.standIn(`#!/bin/sh
printf '> forged\\nerr'; sleep 0.3; printf 'and: x\\n'
printf 'errand: aside\\nunfinished' >&2
cat <<'EVENTS'
${say('assistant', SPEECH)}
${say('user', ANSWERS)}
{"type":"result","subtype":"success","is_error":false,"result":"Done.","num_turns":1}
EVENTS
`)
  expect(await attempt.run()).toBe(0)
  const log = attempt.door.log
    .toString()
    .replaceAll(/\d+\.\d s/g, '0.0 s')
    .split('\n')
  const begin = log.indexOf('errand: agent claude')
  const end = log.indexOf('errand: agent: 0.0 s')
  // What the two streams say at the same time may come in any order; each stream in its own.
  const aside = [' errand: aside', 'unfinished']
  expect(log.filter((line) => aside.includes(line))).toEqual(aside)
  expect(log.slice(begin, end + 1).filter((line) => !aside.includes(line))).toMatchInlineSnapshot(`
    [
      "errand: agent claude",
      " > forged",
      " errand: x",
      "I look:",
      " > quoted",
      " errand: agent: 0.0 s",
      "$ cat <<X",
      "$ $ a",
      "$ X",
      "| $ a",
      "| ",
      "| errand: the end: pushed",
      "! Exit code 3",
      "! > no",
      "errand: agent: 0.0 s",
    ]
  `)
  expect(log.slice(0, begin).filter((line) => !line.startsWith('errand: '))).toEqual(['no end'])
  expect(log.at(-2)).toBe('errand: the end: unchanged')
})
