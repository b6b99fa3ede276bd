import { expect, test } from 'vitest'
import { readNumstat } from '../../runtime/change.ts'
import { splitLines } from '../../runtime/lines.ts'
import { hasTrailers, subjectOf } from '../../runtime/message.ts'
import { readPush } from '../../runtime/push.ts'

test('lines come whole over chunk borders, and lines that are too long in pieces', () => {
  const text = 'one\n\nzwölf\ntoo long a line\nend'
  for (let size = 1; size <= text.length; size += 1) {
    const lines: string[] = []
    let pieces = ''
    const split = splitLines(
      6,
      (line) => lines.push(line),
      (bytes) => {
        pieces += bytes.toString()
      },
    )
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; at += size) split.push(bytes.subarray(at, at + size))
    split.end()
    expect([lines, pieces]).toEqual([['one', '', 'zwölf', 'end'], 'too long a line\n'])
  }
})

test('numstat with binary files and odd names', () => {
  expect(readNumstat('1\t2\ta b\0-\t-\tlogo.png\x005\t0\ttab\tname\0')).toEqual([
    { path: 'a b', added: 1, removed: 2 },
    { path: 'logo.png', added: 0, removed: 0 },
    { path: 'tab\tname', added: 5, removed: 0 },
  ])
  expect(readNumstat('1\t1\tx\0'.repeat(300))).toHaveLength(200)
})

test.each([
  [0, '', '', 'done'],
  [1, '!\tabc:refs/heads/x\t[rejected] (fetch first)', '', 'moved'],
  [1, '!\tabc:refs/heads/x\t[rejected] (non-fast-forward)', '', 'moved'],
  [1, '!\tabc:refs/heads/x\t[remote rejected] (cannot lock ref)', '', 'moved'],
  [1, '!\tabc:refs/heads/x\t[remote rejected] (pre-receive hook declined)', 'remote: GitLab: no', 'refused'],
  [128, '', 'fatal: unable to access: The requested URL returned error: 403', 'refused'],
  [128, '', 'fatal: unable to access: The requested URL returned error: 429', 'network'],
  [128, '', 'fatal: unable to access: The requested URL returned error: 503', 'network'],
  [128, '', "fatal: could not read Username for 'http://x'", 'refused'],
  [128, '', 'fatal: unable to access: Could not resolve host: door', 'network'],
  [1, '', 'error: RPC failed; curl 18 transfer closed', 'network'],
] as const)('a push that ended with %d, %s %s is %s', (code, output, said, result) => {
  expect(readPush(code, output, said)).toBe(result)
})

test('subjects are one line, without control characters, and not endless', () => {
  expect(subjectOf('  Fix\tthe \x1b[31mtypo\r\nmore')).toBe('Fix the [31mtypo')
  expect(subjectOf('\n\n')).toBe('')
  expect(subjectOf('x'.repeat(200))).toHaveLength(120)
})

test('trailers are found only as lines of their own', () => {
  expect(hasTrailers('s\n\nErrand-Task: 1\n', ['Errand-Task: 1'])).toBe(true)
  expect(hasTrailers('s\n\nno Errand-Task: 1\n', ['Errand-Task: 1'])).toBe(false)
})
