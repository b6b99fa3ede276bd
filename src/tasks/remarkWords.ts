/** The comments of a follow-up, thread by thread, and how the agent is to answer them. */

import { ANSWERS, shortNames } from './answers.ts'
import { cut, fence, quote } from './fence.ts'
import type { Context, ThreadContext } from './prompt.ts'
import type { Remark } from './task.ts'
import { diffLines, type Show, said } from './wording.ts'

/** Characters: of all remarks and of all that surrounds them together, and of each at least. */
const REMARKS = 30_000
const AROUND = 60_000
const LEAST = 2_000

export function remarkWords(remarks: readonly Remark[], context: Context, show: Show): string {
  const threads = Map.groupBy(remarks, ({ discussion }) => discussion)
  const short = shortNames([...threads.keys()])
  const parts = [...threads].map(([discussion, asked]) => {
    const around = context.threads.find((thread) => thread.discussion === discussion)
    const limit = Math.max(LEAST, AROUND / threads.size)
    return [
      `## Thread [${short.get(discussion)}]`,
      ...(around === undefined ? [] : aroundThread(around, limit, show)),
      ...asked.map(({ by, text }) => {
        const words = show(cut(text, Math.max(LEAST, REMARKS / remarks.length)), true)
        return `To be addressed, by @${by.username}:\n\n${quote(words)}`
      }),
    ].join('\n\n')
  })
  return ['Address every one of these comments, or say why you do not.', ...parts].join('\n\n')
}

/** What a thread is about, and what was said in it before. */
export function aroundThread({ lines, earlier }: ThreadContext, limit: number, show: Show): readonly string[] {
  const spoken: string[] = []
  let left = limit / 2
  for (const words of earlier.toReversed()) {
    const text = said(words, limit / 2, show)
    if (text === '') continue
    left -= text.length
    if (left < 0 && spoken.length > 0) break
    spoken.unshift(text)
  }
  const missing = earlier.length - spoken.length
  return [
    ...(lines === undefined ? [] : [diffLines(lines, limit / 2)]),
    ...(spoken.length === 0 ? [] : ['Said in it before:']),
    ...(spoken.length > 0 && missing > 0 ? [`[… ${missing} older ones left out …]`] : []),
    ...spoken,
  ]
}

export function howToAnswer(remarks: readonly Remark[]): string {
  const names = [...shortNames(remarks.map(({ discussion }) => discussion)).values()]
  const [first = '', second] = names
  const example = [`[${first}] resolved: what you did about it`]
  if (second !== undefined) example.push(`[${second}] declined: why not, or your answer to a question`)
  const verdicts =
    second === undefined
      ? '`resolved` closes the thread; where you did not do it, or answer a question, write `declined` instead, and why.'
      : '`resolved` closes its thread, so say it only where what it asks for is done; `declined` leaves it open.'
  return [
    `End your last message with this block. In it ${names.length === 1 ? 'the thread' : `each of the ${names.length} threads`} gets an answer of its own, one to three sentences that are posted there:`,
    fence(example.join('\n'), ANSWERS),
    verdicts,
  ].join('\n\n')
}
