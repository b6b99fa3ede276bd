import fc from 'fast-check'
import { expect, test } from 'vitest'
import { closeNothing, inert, inertLine, inlineCode } from '../../src/gitlab/inert.ts'
import { extractQuickActions } from '../../src/sandbox/quickActions.ts'

const TABLE: readonly (readonly [what: string, text: string, made: string])[] = [
  [
    'plain Markdown stays',
    '**Done.** See `a.ts`:\n\n- one\n- [two](http://x)',
    '**Done.** See `a.ts`:\n\n- one\n- [two](http://x)',
  ],
  ['a quick action', 'ok\n/close', 'ok\n\\/close'],
  ['an indented one', 'ok\n  /merge now', 'ok\n  \\/merge now'],
  ['a path in a line stays', 'in /usr/bin', 'in /usr/bin'],
  ['in a code block', '```\n/usr/bin\n```', '```\n /usr/bin\n```'],
  ['a mention', 'thanks @all and @group/sub.', 'thanks @\u2060all and @\u2060group/sub.'],
  ['a mention behind a stray backtick', 'it`s done, @all', 'it`s done, @\u2060all'],
  ['carriage returns', '/\rclose', '\\/close'],
  ['an image behind an exclamation', '!![p](http://x)', '[p](http://x)'],
  ['a mention in code stays', '`@all` and\n```\n@all\n```', '`@all` and\n```\n@all\n```'],
  ['raw HTML is shown', 'x <img src=y> z', 'x &lt;img src=y> z'],
  ['our own marker is shown', '<!-- errand:42-n1337 reply -->', '&lt;!-- errand:42-n1337 reply -->'],
  ['an image becomes a link', '![p](http://x/?secret)', '[p](http://x/?secret)'],
  ['an open fence is closed', '```js\nx', '```js\nx\n```'],
  ['an open tilde fence', '~~~~\nx\n~~~', '~~~~\nx\n~~~\n~~~~'],
]

test.each(TABLE)('%s', (_, text, made) => expect(inert(text)).toBe(made))

test('a title is one line of plain words', () => {
  expect(inertLine('/merge\n  now ', 50)).toBe('merge now')
  expect(inertLine('x <!-- errand:1-n1 reply --> @all ![p](u)', 90)).toBe(
    'x &lt;!-- errand:1-n1 reply --> @\u2060all [p](u)',
  )
  expect(inertLine(' \n ', 50)).toBeUndefined()
  expect(inertLine('x'.repeat(60), 50)).toHaveLength(50)
})

test('a name that others chose stays in its backticks and on its line', () => {
  expect(inlineCode('a`b\n\n/close\n')).toBe("`a'b /close`")
})

test('the text of an agent closes no issue', () => {
  expect(closeNothing('Fixes #12, closes: a/b#3 and resolved https://x/4; fixed the bug')).toBe(
    'Fixes\u2060 #12, closes\u2060: a/b#3 and resolved\u2060 https://x/4; fixed the bug',
  )
})

test('whatever the text: no quick action, no marker of ours, no fence left open', () => {
  const words = fc.constantFrom(
    '/close',
    '\n',
    '```',
    '~~~',
    '    ',
    '> ',
    '- ',
    '@all',
    '<!-- errand:1 reply -->',
    'word',
    '`',
    '\\',
    '\r\n',
    '![',
    '](',
  )
  fc.assert(
    fc.property(
      fc.array(words, { maxLength: 30 }).map((parts) => parts.join('')),
      (text) => {
        const made = inert(text)
        expect(made.split('\n').filter((line) => /^\/[a-z]/i.test(line))).toEqual([])
        expect(made).not.toContain('<!-- errand:')
        expect(extractQuickActions(made).commands).toEqual([])
      },
    ),
    { numRuns: 3000 },
  )
})
