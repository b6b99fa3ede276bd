import { expect, test } from 'vitest'
import { type Command, PROMPT_LIMIT, parseCommand } from '../../src/tasks/command.ts'

const prompt = (text: string): Command => ({ command: 'prompt', prompt: text })

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
  ['the trigger alone', '/agent', { command: 'help' }],
  ['the trigger and white space', 'Hi\n\n/agent  \n', { command: 'help' }],
  ['help', '/agent help', { command: 'help' }],
  ['stop, in any case', '/agent Stop', { command: 'stop' }],
  ['status', '/agent status', { command: 'status' }],
  ['an order in a sentence is a prompt', '/agent stop the flaky test', prompt('stop the flaky test')],
  ['an order with a full stop', '/agent help.', prompt('help.')],
  ['a misspelt order', '/agent stpo', { command: 'misspelt', word: 'stpo', nearest: 'stop' }],
  ['another one', '/agent hlep', { command: 'misspelt', word: 'hlep', nearest: 'help' }],
  ['an order that is none yet', '/agent retry', { command: 'misspelt', word: 'retry' }],
  ['one word that is near nothing', '/agent refactor', prompt('refactor')],
]

test.each(TABLE)('%s', (_, comment, command) => {
  expect(parseCommand(comment, '/agent')).toEqual(command)
})

test('the trigger is a setting', () => {
  expect(parseCommand('/bot fix it', '/bot')).toEqual(prompt('fix it'))
  expect(parseCommand('/agent fix it', '/bot')).toBeUndefined()
})

test('100 KB are taken, one byte more is refused with the limit', () => {
  const longest = 'ä'.repeat(PROMPT_LIMIT / 2)
  expect(parseCommand(`/agent ${longest}`, '/agent')).toEqual(prompt(longest))
  expect(parseCommand(`/agent ${longest}.`, '/agent')).toEqual({
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
])('hostile text is read to its end: %s', (_, text) => {
  parseCommand(text, '/agent')
})
