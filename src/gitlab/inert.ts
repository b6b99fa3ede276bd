/**
 * Other people's and the agent's text, made fit to stand in our comments: GitLab runs quick actions and notifies people
 * for whatever the bot writes, with the bot's rights (gitlab.md §3.2, reliability.md T9).
 */

import { parseMarkdown } from '../tasks/markdown.ts'

/** Longer texts are cut: the log has all, and hostile Markdown needs the square of its length to be read. */
const LIMIT = 10_000

/** U+2060: not seen, and no name or keyword goes on behind it. An entity would be a character again before GitLab looks. */
const JOINER = '\u2060'

type Node = {
  readonly type: string
  readonly position?: { start: { offset?: number | undefined }; end: { offset?: number | undefined } } | undefined
  readonly children?: readonly Node[]
}

/** Markdown that looks the same and does nothing: no quick actions, no mentions, no raw HTML, no images, no open fence. */
export function inert(markdown: string): string {
  const plain = markdown.replaceAll('\r', '')
  const text = plain.length > LIMIT ? `${plain.slice(0, LIMIT)}\n\n[… cut here, the log has the rest …]` : plain
  let made = ''
  let at = 0
  for (const { from, to, type } of specialRanges(parseMarkdown(text))) {
    made += calm(text.slice(at, from))
    const inside = text.slice(from, to)
    made += type === 'html' ? inside.replaceAll('<', '&lt;') : inside
    at = to
  }
  made += calm(text.slice(at))
  // In code a marker of ours stays visible, but must not be found for one.
  return quietLines(closeFence(made.trim().replaceAll('<!-- errand:', '<!-- errand :')))
}

/** One line of plain words for a title, or undefined where nothing is left. */
export function inertLine(text: string, limit: number): string | undefined {
  const line = calm(plainWords(text).replace(/^\/+/, '')).replaceAll('<', '&lt;')
  if (line === '') return undefined
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line
}

/** Code keeps its characters; HTML, our own hidden markers among it, becomes visible text. */
function specialRanges(root: Node): readonly { from: number; to: number; type: string }[] {
  const found: { from: number; to: number; type: string }[] = []
  const walk = (node: Node): void => {
    if (node.type === 'code' || node.type === 'inlineCode' || node.type === 'html') {
      found.push({ from: node.position?.start.offset ?? 0, to: node.position?.end.offset ?? 0, type: node.type })
    }
    for (const child of node.children ?? []) walk(child)
  }
  walk(root)
  return found
}

/** Outside code: a mention notifies nobody, and an image becomes a link, which fetches nothing. */
function calm(text: string): string {
  return text.replace(/!+(?=\[)/g, '').replace(/@(?=\w)/g, `@${JOINER}`)
}

/** `Fixes #12` in a merge request's description would close issue 12; only we say which issue is meant. */
export function closeNothing(text: string): string {
  return text.replace(
    /\b(clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|implement(?:s|ed|ing)?)(?=:?\s+(?:[\w./-]*#\d|https?:))/gi,
    `$1${JOINER}`,
  )
}

/** A name that others chose, of a branch or a file, as code: whatever is in it, it stays on its line and in its backticks. */
export function inlineCode(text: string): string {
  return `\`${plainWords(text).replaceAll('`', "'").slice(0, 200)}\``
}

function plainWords(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim()
}

/**
 * No line may begin with a slash and a word, in code neither: which fences an older GitLab takes for code is its own
 * opinion. Outside code the backslash is not shown; inside, one space is.
 */
export function quietLines(text: string): string {
  let fence: string | undefined
  return text
    .split('\n')
    .map((line) => {
      const ticks = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]
      if (ticks !== undefined && fence === undefined) fence = ticks
      else if (ticks !== undefined && fence !== undefined && closes(ticks, fence, line)) fence = undefined
      else if (/^\s*\/[a-z]/i.test(line)) {
        return fence === undefined ? line.replace('/', '\\/') : ` ${line}`
      }
      return line
    })
    .join('\n')
}

function closes(ticks: string, fence: string, line: string): boolean {
  return ticks[0] === fence[0] && ticks.length >= fence.length && line.trim() === ticks
}

function closeFence(text: string): string {
  let fence: string | undefined
  for (const line of text.split('\n')) {
    const ticks = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]
    if (ticks === undefined) continue
    if (fence === undefined) fence = ticks
    else if (closes(ticks, fence, line)) fence = undefined
  }
  return fence === undefined ? text : `${text}\n${fence}`
}
