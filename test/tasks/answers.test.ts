import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readAnswers, shortNames, type ThreadAnswer } from '../../src/tasks/answers.ts'

const ONE = '1a2b3c4d5e6f7a8b9c0d1a2b3c4d5e6f7a8b9c0d'
const TWO = '5e6f7a8b9c0d1a2b3c4d5e6f7a8b9c0d1a2b3c4d'
const THREADS = [ONE, TWO]
const block = (...lines: readonly string[]): string => ['```errand-answers', ...lines, '```'].join('\n')
const done = (text: string): ThreadAnswer => ({ addressed: true, text })
const declined = (text: string): ThreadAnswer => ({ addressed: false, text })

type Row = readonly [
  what: string,
  message: string,
  shown: string,
  answers: readonly (readonly [string, ThreadAnswer])[],
]
const TABLE: readonly Row[] = [
  [
    'as it is asked for',
    `I changed both.\n\n${block('[1a2b3c4d] resolved: renamed it', '[5e6f7a8b] declined: it is used elsewhere')}`,
    'I changed both.',
    [
      [ONE, done('renamed it')],
      [TWO, declined('it is used elsewhere')],
    ],
  ],
  ['whole ids', block(`[${ONE}] resolved: x`), '', [[ONE, done('x')]]],
  ['upper case', block('[1A2B3C4D] Resolved: x'), '', [[ONE, done('x')]]],
  ['text behind the block', `a\n${block('[1a2b3c4d] resolved: x')}\nb`, 'a\nb', [[ONE, done('x')]]],
  ['several lines', block('[1a2b3c4d] resolved: x', 'y', '', 'z'), '', [[ONE, done('x\ny\n\nz')]]],
  ['the text on the next line', block('[1a2b3c4d] resolved:', 'x'), '', [[ONE, done('x')]]],
  [
    'a list, bold, other dashes',
    block('- **[1a2b3c4d]** **resolved** — x', '2. `[5e6f7a8b]` declined - y'),
    '',
    [
      [ONE, done('x')],
      [TWO, declined('y')],
    ],
  ],
  [
    'another word',
    block('[1a2b3c4d] fixed: x', '[5e6f7a8b]: not done: y'),
    '',
    [
      [ONE, done('x')],
      [TWO, declined('y')],
    ],
  ],
  ['an answer to a question', block('[1a2b3c4d] answered: x'), '', [[ONE, declined('x')]]],
  ['no verdict', block('[1a2b3c4d] I renamed it'), '', [[ONE, declined('I renamed it')]]],
  ['a word that begins like one', block('[1a2b3c4d] opened the file'), '', [[ONE, declined('opened the file')]]],
  ['twice: the last counts', block('[1a2b3c4d] declined: x', '[1a2b3c4d] resolved: y'), '', [[ONE, done('y')]]],
  [
    'two blocks',
    `${block('[1a2b3c4d] resolved: x')}\na\n${block('[5e6f7a8b] resolved: y')}`,
    'a',
    [
      [ONE, done('x')],
      [TWO, done('y')],
    ],
  ],
  [
    'an unknown thread',
    block('[ffffffff] resolved: x', 'more of it', '[1a2b3c4d] resolved: y'),
    '',
    [[ONE, done('y')]],
  ],
  ['a name that is too short', block('[1a] resolved: x'), '', []],
  [
    'brackets in an answer',
    block('[1a2b3c4d] resolved: x', '[see the docs](y)'),
    '',
    [[ONE, done('x\n[see the docs](y)')]],
  ],
  [
    'code in an answer',
    block('[1a2b3c4d] resolved: x', '```js', '[5e6f7a8b] resolved: no', '```', 'y', '[5e6f7a8b] resolved: z'),
    '',
    [
      [ONE, done('x\n```js\n[5e6f7a8b] resolved: no\n```\ny')],
      [TWO, done('z')],
    ],
  ],
  ['tildes', '~~~ errand-answers\n[1a2b3c4d] resolved: x\n~~~', '', [[ONE, done('x')]]],
  ['a longer fence', '````errand-answers\n[1a2b3c4d] resolved: x\n```\ny\n````\nb', 'b', [[ONE, done('x\n```\ny')]]],
  ['a block that never ends', 'a\n```errand-answers\n[1a2b3c4d] resolved: x', 'a', [[ONE, done('x')]]],
  ['Windows line ends', 'a\r\n```errand-answers\r\n[1a2b3c4d] resolved: x\r\n```\r\n', 'a', [[ONE, done('x')]]],
  ['no block, but the lines', 'a\n[1a2b3c4d] resolved: x\nb', 'a\nb', [[ONE, done('x')]]],
  ['no block, and talk about a thread', 'a\n[1a2b3c4d] is a commit', 'a\n[1a2b3c4d] is a commit', []],
  ['another block', 'a\n```js\n[1a2b3c4d]\n```', 'a\n```js\n[1a2b3c4d]\n```', []],
  ['nothing', '', '', []],
]
test.each(TABLE)('%s', (_, message, shown, answers) => {
  const read = readAnswers(message, THREADS)
  expect(read.shown).toBe(shown)
  expect([...read.threads]).toEqual(answers)
})

test('short names are as long as they must be', () => {
  expect([...shortNames([ONE, TWO, ONE]).values()]).toEqual(['1a2b3c4d', '5e6f7a8b'])
  expect([...shortNames(['aaaaaaaab', 'aaaaaaaac', 'd7']).values()]).toEqual(['aaaaaaaab', 'aaaaaaaac', 'd7'])
})

test('names that two threads begin with name neither', () => {
  expect([...readAnswers(block('[aaaaaaaa] resolved: x'), ['aaaaaaaab', 'aaaaaaaac']).threads]).toEqual([])
})

test('whatever the message: what stands outside a block is shown once, and only threads that were asked about are answered', () => {
  const other = ['a', '', '```', '```js', '~~~', '[1a2b3c4d] resolved: x', '[5e6f7a8b] y']
  const count = (lines: readonly string[]): number => lines.filter((line) => line === 'a').length
  const lines = (...more: readonly string[]) => fc.array(fc.constantFrom(...other, ...more), { maxLength: 12 })
  fc.assert(
    fc.property(lines(), lines('```errand-answers', '~~~~ errand-answers'), (outside, mixed) => {
      expect(count(readAnswers(outside.join('\n'), THREADS).shown.split('\n'))).toBe(count(outside))
      const { shown, threads } = readAnswers(mixed.join('\n'), THREADS)
      expect(count(shown.split('\n'))).toBeLessThanOrEqual(count(mixed))
      expect(shown.includes('errand-answers')).toBe(false)
      expect([...threads.keys()].every((thread) => THREADS.includes(thread))).toBe(true)
    }),
  )
})
