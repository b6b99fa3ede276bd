/**
 * Other people's and the agent's text, made fit to stand in our comments: GitLab runs quick actions and notifies people
 * for whatever the bot writes, with the bot's rights (gitlab.md §3.2, reliability.md T9).
 */

import { parseMarkdown } from '../tasks/markdown.ts'

const LIMIT = 20_000

type Node = {
  readonly type: string
  readonly position?: { start: { offset?: number | undefined }; end: { offset?: number | undefined } } | undefined
  readonly children?: readonly Node[]
}

/** Markdown that looks the same and does nothing: no quick actions, no mentions, no raw HTML, no images, no open fence. */
export function inert(markdown: string): string {
  const text = markdown.length > LIMIT ? `${markdown.slice(0, LIMIT)}\n\n[… cut here …]` : markdown
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
  const line = text.replace(/\s+/g, ' ').trim().replace(/^\/+/, '')
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

/** Outside code: a mention is shown as code, which notifies nobody; an image becomes a link, which fetches nothing. */
function calm(text: string): string {
  return text.replace(/!(?=\[)/g, '').replace(/(?<![\w`])@[\w][\w.-]*(?:\/[\w.-]+)*/g, (mention) => `\`${mention}\``)
}

/**
 * No line may begin with a slash and a word, in code neither: which fences an older GitLab takes for code is its own
 * opinion. Outside code the backslash is not shown; inside, one space is.
 */
function quietLines(text: string): string {
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
