import { expect, test } from 'vitest'
import { extractQuickActions } from '../../src/sandbox/quickActions.ts'

test.each([
  ['a command of ours stays', '/agent fix it', '/agent fix it', []],
  ['a command of GitLab goes', '/agent fix it\n/label ~bug', '/agent fix it', ['label ~bug']],
  ['names are read in any case', '/CLOSE', '', ['close']],
  ['only at the start of a line', 'please /close', 'please /close', []],
  ['a blank before it makes it text', ' /close', ' /close', []],
  ['a backslash before it makes it text', '\\/close', '\\/close', []],
  ['not inside a fence', '```\n/close\n```', '```\n/close\n```', []],
  ['not in a quote', '> /close', '> /close', []],
  ['not in HTML', '<details>\n/close\n</details>', '<details>\n/close\n</details>', []],
  ['not in code that spans lines', 'a `b\n/close\nc` d', 'a `b\n/close\nc` d', []],
  ['only whole names', '/closed', '/closed', []],
  ['several, in their order', '/title New\ntext\n/assign @bot', 'text', ['title New', 'assign @bot']],
  ['after a paragraph that ends in code', 'use `x`\n/close', 'use `x`', ['close']],
  ['carriage returns go', 'a\r\n/close\r\nb\r\n', 'a\nb', ['close']],
] as const)('%s', (_, body, text, commands) => {
  const found = extractQuickActions(body)
  expect(found.text).toBe(text)
  expect(found.commands.map(({ name, args }) => `${name} ${args}`.trim())).toEqual(commands)
})
