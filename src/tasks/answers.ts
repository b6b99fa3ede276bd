/** The agent's last message → what it said to each thread that it was to answer, and what is left for everybody. */

/** `addressed`: the thread asked for something, and it is done. */
export type ThreadAnswer = { readonly addressed: boolean; readonly text: string }

/** The info of the fence that holds the answers; prompt.ts tells the agent of it. */
export const ANSWERS = 'errand-answers'

/** Letters of a discussion's id that name it, if no other one begins alike: nobody copies forty without a slip. */
const SHORT = 8

export function shortNames(threads: readonly string[]): ReadonlyMap<string, string> {
  const distinct = [...new Set(threads)]
  return new Map(
    distinct.map((thread) => {
      let length = SHORT
      while (
        length < thread.length &&
        distinct.some((one) => one !== thread && one.startsWith(thread.slice(0, length)))
      ) {
        length += 1
      }
      return [thread, thread.slice(0, length)]
    }),
  )
}

const OPENING = new RegExp(`^\\s{0,3}(\`{3,}|~{3,})\\s*${ANSWERS}\\b.*$`, 'i')
/** `- **[1a2b3c4d]** …`; the brackets are what makes it an answer. */
const NAMED = /^\s*(?:[-*+]\s+|\d{1,3}[.)]\s+)?[*_`]{0,3}\[[*_`]{0,3}([\w-]{2,64})[*_`]{0,3}\][*_`]{0,3}\s*[:–—-]?\s*/
const VERDICT =
  /^[*_`]{0,3}(?:(resolved|addressed|done|fixed)|declined|answered|open|unresolved|not \w+|won'?t \w+|skipped|rejected)\b[*_`]{0,3}[\s:.–—-]*/i

/**
 * Lenient, since a model wrote it. In the block an answer goes on to the next line that names a thread, and one without a verdict addresses
 * nothing; outside, a line that names one of the threads with a verdict is an answer too. Said twice, the last counts; a missing one is
 * missing, an unknown thread is passed over. `threads`: whole ids.
 */
export function readAnswers(
  message: string,
  threads: readonly string[],
): { readonly shown: string; readonly threads: ReadonlyMap<string, ThreadAnswer> } {
  const shown: string[] = []
  const answers = new Map<string, ThreadAnswer>()
  /** What closes the block that we are in, and the code in it. */
  let block: string | undefined
  let code: string | undefined
  let current: string | undefined
  for (const line of message.split(/\r?\n/)) {
    const opening = OPENING.exec(line)?.[1]
    if (opening !== undefined && block === undefined) {
      block = opening
      current = undefined
      continue
    }
    if (block !== undefined && code === undefined && closes(line, block)) {
      block = undefined
      continue
    }
    if (block !== undefined) code = code === undefined ? fenceIn(line) : closes(line, code) ? undefined : code
    const named = code === undefined ? NAMED.exec(line) : null
    const thread = named === null ? undefined : threadOf(named[1] ?? '', threads)
    const said = line.slice(named?.[0].length ?? 0)
    const verdict = VERDICT.exec(said)
    if (thread !== undefined && (block !== undefined || verdict !== null)) {
      answers.set(thread, { addressed: verdict?.[1] !== undefined, text: said.slice(verdict?.[0].length ?? 0).trim() })
      current = thread
    } else if (block === undefined) shown.push(line)
    else if (named !== null && verdict !== null) current = undefined
    else if (current !== undefined) {
      const before = answers.get(current)
      if (before !== undefined) answers.set(current, { ...before, text: `${before.text}\n${line}` })
    }
  }
  const trimmed = [...answers].map(([thread, said]): [string, ThreadAnswer] => [
    thread,
    { ...said, text: said.text.trim() },
  ])
  return { shown: shown.join('\n').trim(), threads: new Map(trimmed) }
}

function threadOf(name: string, threads: readonly string[]): string | undefined {
  const lower = name.toLowerCase()
  const exact = threads.find((thread) => thread.toLowerCase() === lower)
  if (exact !== undefined || name.length < SHORT) return exact
  const alike = new Set(threads.filter((thread) => thread.toLowerCase().startsWith(lower)))
  return alike.size === 1 ? [...alike][0] : undefined
}

/** A fence inside the block, in an answer's own text; one without a language would be the block's end. */
function fenceIn(line: string): string | undefined {
  return /^\s*(`{3,}|~{3,})\s*\w/.exec(line)?.[1]
}

function closes(line: string, fence: string): boolean {
  const end = line.trim()
  return end.length >= fence.length && end === (fence[0] ?? '').repeat(end.length)
}
