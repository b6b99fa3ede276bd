import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inert, inertLine } from '../../src/gitlab/inert.ts'

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
  ['a mention', 'thanks @all and @group/sub.', 'thanks `@all` and `@group/sub.`'],
  ['an address is no mention', 'mail a@b.c', 'mail a@b.c'],
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
  expect(inertLine(' \n ', 50)).toBeUndefined()
  expect(inertLine('x'.repeat(60), 50)).toHaveLength(50)
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
      },
    ),
    { numRuns: 3000 },
  )
})
