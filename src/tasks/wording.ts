/** Words of people as the agent reads them: of those who may instruct it quoted, of everybody else fenced as data. */

import { cut, fence, quote } from './fence.ts'
import { withoutInvisible } from './invisible.ts'
import type { Lines, Words } from './prompt.ts'
import { DATA } from './rules.ts'

/** Takes hidden text out, and counts it. */
export type Show = (markdown: string, trusted: boolean) => string

/** GitLab takes a million characters; more than these are not even looked at. */
const READ = 100_000

export function said({ author, body, trusted, at }: Words, limit: number, show: Show): string {
  const rest = body.length > READ ? `\n[… the last ${body.length - READ} characters left out …]` : ''
  const text = `${cut(show(body.slice(0, READ), trusted), limit)}${rest}`
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
