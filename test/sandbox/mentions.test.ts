import { expect, test } from 'vitest'
import { mentionsIn } from '../../src/sandbox/mentions.ts'

test.each([
  ['who begins a text is addressed', '@bot please', ['bot'], []],
  ['all who stand at the beginning are', '@bot @ann please', ['bot', 'ann'], []],
  ['who stands later is mentioned', 'please @bot', [], ['bot']],
  ['each paragraph has a beginning', 'hello\n\n@bot do it', ['bot'], []],
  ['each entry of a list too', '- @bot do it\n- and @ann', ['bot'], ['ann']],
  ['who is addressed is not also mentioned', '@bot and @bot', ['bot'], []],
  ['not in code', '`@bot` and\n\n```\n@bot\n```', [], []],
  ['not in a mail address', 'write to a@bot.example', [], []],
  ['not in HTML comments', '<!-- @bot -->', [], []],
  ['marks at the end are no part of the name', '@bot, @ann.', ['bot'], ['ann']],
  ['in emphasis', '**@bot** hi', ['bot'], []],
  ['in a quote too', '> @bot said', ['bot'], []],
] as const)('%s', (_, text, addressed, mentioned) => {
  expect(mentionsIn(text)).toEqual({ addressed, mentioned })
})
