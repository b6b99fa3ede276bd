import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Command, PROMPT_LIMIT, parseCommand } from '../../src/tasks/command.ts'

const TRIGGERS = ['/agent', '@errand-bot']
const prompt = (text: string): Command => ({ command: 'prompt', prompt: text, flags: {} })

const TABLE: readonly (readonly [what: string, comment: string, command: Command | undefined])[] = [
  ['a prompt', '/agent fix the typo in the README', prompt('fix the typo in the README')],
  ['upper case', '/Agent Fix it', prompt('Fix it')],
  ['words before, on other lines', 'Hello!\n\n/agent fix it', prompt('fix it')],
  ['the next line of a paragraph', 'Hello!\n/agent fix it', prompt('fix it')],
  ['several lines', '/agent fix it\nand test it\n\n- a\n- b', prompt('fix it\nand test it\n\n- a\n- b')],
  ['a code block in the prompt', '/agent run\n```sh\nnpm test\n```', prompt('run\n```sh\nnpm test\n```')],
  ['a prompt that begins on the next line', '/agent\nfix it', prompt('fix it')],
  ['two commands: the second is part of the first', '/agent one\n/agent two', prompt('one\n/agent two')],
  ['Windows line ends', 'Hi\r\n/agent fix it\r\n', prompt('fix it')],
  ['three spaces before', '   /agent fix it', prompt('fix it')],
  ['after a quote', '> what?\n\n/agent fix it', prompt('fix it')],
  ['after an HTML comment', '<!-- x -->\n\n/agent fix it', prompt('fix it')],
  ['no command', 'Could /agent do this?', undefined],
  ['another word', '/agents fix it', undefined],
  ['a path', '/agent/fix.sh is broken', undefined],
  ['another quick action', '/label ~bug', undefined],
  ['a quote', '> /agent fix it', undefined],
  ['the line below a quote', '> hello\n/agent fix it', prompt('fix it')],
  ['the line below a list', '- hello\n/agent fix it', prompt('fix it')],
  ['an underlined line', '/agent fix it\n---\nand that', prompt('fix it\n---\nand that')],
  ['far down, behind a long paste', `${'a\n'.repeat(8000)}\n/agent fix it`, { command: 'too-far', limit: 8192 }],
  ['a long paste below', `/agent fix it\n${'a\n'.repeat(8000)}`, prompt(`fix it\n${'a\n'.repeat(8000)}`.trim())],
  ['a code block', '```\n/agent fix it\n```', undefined],
  ['a code block that never ends', '```\n/agent fix it', undefined],
  ['a tilde code block', '~~~\n/agent fix it\n~~~', undefined],
  ['indented code', '    /agent fix it', undefined],
  ['inline code over lines', 'see `\n/agent fix it\n` there', undefined],
  ['an HTML comment', '<!--\n/agent fix it\n-->', undefined],
  ['an HTML comment inside a paragraph', 'see <!--\n/agent fix it\n--> there', undefined],
  ['raw HTML', '<div>\n/agent fix it\n</div>', undefined],
  ['a list', '- /agent fix it', undefined],
  ['a heading', '# /agent fix it', undefined],
  ['nothing', '', undefined],
  ['a mention', '@errand-bot fix it', prompt('fix it')],
  ['a mention in any case', '@Errand-Bot Fix it', prompt('Fix it')],
  ['a mention, as people write it', 'Hello!\n\n@errand-bot, fix it', prompt('fix it')],
  ['a mention with a colon', '@errand-bot: fix it', prompt('fix it')],
  ['the trigger with a colon', '/agent: fix it', prompt('fix it')],
  ['talk about the bot', 'Ask @errand-bot to fix it', undefined],
  ['talk about the bot at the start of a line', "@errand-bot's last change is wrong", undefined],
  ['another user', '@errand-bot2 fix it', undefined],
  ['two people', '@dora @errand-bot fix it', undefined],
  ['a mention in a quote', '> @errand-bot fix it', undefined],
  ['both: the first wins', '@errand-bot one\n/agent two', prompt('one\n/agent two')],
  ['a space that is not seen, copied from a chat', '\u200b/agent fix it', prompt('fix it')],
  ['GitLab took a quick action away', '/agent stop\n', { command: 'stop' }],
]

test.each(TABLE)('%s', (_, comment, command) => {
  expect(parseCommand(comment, TRIGGERS)).toEqual(command)
})

test('the trigger is a setting', () => {
  expect(parseCommand('/bot fix it', ['/bot'])).toEqual(prompt('fix it'))
  expect(parseCommand('/agent fix it', ['/bot'])).toBeUndefined()
})

test('100 KB are taken, one byte more is refused with the limit', () => {
  const longest = 'ä'.repeat(PROMPT_LIMIT / 2)
  expect(parseCommand(`/agent ${longest}`, TRIGGERS)).toEqual(prompt(longest))
  expect(parseCommand(`/agent ${longest}.`, TRIGGERS)).toEqual({
    command: 'too-long',
    bytes: PROMPT_LIMIT + 1,
    limit: PROMPT_LIMIT,
  })
})

test.each([
  ['a million letters', 'a'.repeat(1e6)],
  ['a million trigger lines in code', `\`\`\`\n${'/agent x\n'.repeat(1e5)}`],
  ['deep quotes', `${'>'.repeat(1e5)} a\n/agent x`],
  ['deep lists', `${'- '.repeat(5e4)} a\n/agent x`],
  ['deep numbers', `${'1. '.repeat(4e4)} a\n/agent x`],
  ['many quotes', `${`${'> '.repeat(20)}a\n`.repeat(3000)}\n/agent x`],
  ['a quote that goes on', `> a\n${'b\n'.repeat(30_000)}/agent x`],
  ['a quote that goes on behind', `/agent x\n\n> a\n${'b\n'.repeat(30_000)}`],
  ['emphasis', `${'*a_ '.repeat(3000)}\n/agent x`],
  ['open brackets', `${'['.repeat(5e4)}\n/agent x`],
  ['stars', `${'*a **a '.repeat(2e4)}\n/agent x`],
  ['backticks', `${'`a``b'.repeat(2e4)}\n/agent x`],
  ['a million mentions', '@errand-bot '.repeat(1e5)],
  ['flags', `/agent ${'--draft '.repeat(1e5)}`],
  ['dashes', `/agent ${'-'.repeat(1e6)}`],
  ['white space', `/agent stop${' \t'.repeat(5e5)}x`],
  ['a flag of a million letters', `/agent --${'a'.repeat(1e6)}`],
  ['a quote that never ends', `/agent --model "${'a'.repeat(1e6)}`],
  ['one word of a million letters', `/agent ${'stop'.repeat(25e4)}`],
])('hostile text is read to its end: %s', (_, text) => {
  const began = performance.now()
  parseCommand(text, TRIGGERS)
  expect(performance.now() - began).toBeLessThan(4000)
})

test('whatever is written is understood as something, and what is a prompt keeps its words', () => {
  const words = fc.constantFrom(
    ...[
      '/agent',
      '@errand-bot',
      'stop',
      'plan',
      'budget',
      'model',
      '5',
      '$5',
      'opus',
      'please',
      '--model',
      '--budget=5',
    ],
    ...[
      '--draft',
      '--',
      '—draft',
      '-x',
      '\n',
      '\n\n',
      '> ',
      '```',
      '`',
      ' ',
      '.',
      '!',
      '\u200b',
      'fix',
      '<!--',
      '-->',
      '\r\n',
    ],
  )
  fc.assert(
    fc.property(fc.array(words, { maxLength: 12 }), fc.constantFrom('', ' '), (parts, glue) => {
      const text = parts.join(glue)
      const command = parseCommand(text, TRIGGERS)
      if (command?.command === 'prompt') expect(text.trimEnd().endsWith(command.prompt)).toBe(true)
      if (command?.command === 'plan') expect(command.prompt).not.toBe('')
    }),
    { numRuns: 3000 },
  )
})
