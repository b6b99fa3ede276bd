/** Words of people as the agent reads them: of those who may instruct it quoted, of everybody else fenced as data. */

import { cut, fence, quote } from './fence.ts'
import { withoutInvisible } from './invisible.ts'
import type { Lines, Words } from './prompt.ts'
import { DATA } from './rules.ts'

/** Takes hidden text out, and counts it. */
export type Show = (markdown: string, trusted: boolean) => string

export function said({ author, body, trusted, at }: Words, limit: number, show: Show): string {
  // What is hidden takes the square of its length to be found: no more is looked at than is shown.
  const rest = body.length > limit ? `\n[… ${body.length - limit} characters left out …]` : ''
  const text = `${show(body.slice(0, limit), trusted)}${rest}`.trim()
  if (text === '') return ''
  return `@${name(author)} wrote on ${time(at)}:\n\n${trusted ? quote(text) : fence(text, DATA)}`
}

/** The lines of a diff: of whom they are is not known, so they are data. */
export function diffLines({ path, side, from, to, hunk }: Lines, limit: number): string {
  const which = from === to ? `line ${from}` : `lines ${from} to ${to}`
  const before = side === 'old' ? ', as it was before the change' : ''
  const shown = withoutInvisible(hunk).text.replace(/\n+$/, '')
  return `It is about ${which} of this file${before}:\n\n${fence(cut(shown === '' ? path : `${path}\n${shown}`, limit), DATA)}`
}

/** GitLab's user names hold nothing else. */
function name(author: string): string {
  return author.replace(/[^\w.-]/g, '')
}

function time(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
