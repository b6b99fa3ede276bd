import type { Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'

/** Who is mentioned in a text, by user names as written and each once. */
export type Mentions = {
  /** Those at the beginning of a paragraph: `@bot please` … */
  readonly addressed: readonly string[]
  /** All others: `ask @bot` … */
  readonly mentioned: readonly string[]
}

const name = '@[A-Za-z0-9_](?:[\\w.-]*[A-Za-z0-9_])?'

/** Mentions outside of code, as GitLab finds them. Whoever is addressed is not also mentioned. */
export function mentionsIn(text: string): Mentions {
  const addressed = new Set<string>()
  const mentioned = new Set<string>()
  const visit = (node: Nodes, first: boolean) => {
    if (node.type === 'code' || node.type === 'inlineCode' || node.type === 'html') return
    if (node.type === 'text') {
      const start = first ? (new RegExp(`^(?:\\s*${name}(?![\\w@]))+`).exec(node.value)?.[0] ?? '') : ''
      for (const [found] of start.matchAll(new RegExp(name, 'g'))) addressed.add(found.slice(1))
      const rest = node.value.slice(start.length)
      for (const [found] of rest.matchAll(new RegExp(`(?<![\\w@/.])${name}`, 'g'))) mentioned.add(found.slice(1))
    }
    if ('children' in node) for (const [index, child] of node.children.entries()) visit(child, index === 0)
  }
  visit(fromMarkdown(text), false)
  return { addressed: [...addressed], mentioned: [...mentioned].filter((who) => !addressed.has(who)) }
}
