/**
 * Markdown of others (GitLab's kind) as elements of the page. There is no HTML on the way: every node becomes an element that is named
 * here, what is HTML in it is shown as the text it is, and nothing is loaded from anywhere.
 */

import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { memo } from 'react'
import { visible } from '../visible.ts'
import { renderChildren } from './renderNode.tsx'

/** Characters: what is longer is not for reading, and parsing it would stop the page. */
const LONGEST = 60_000

export const Markdown = memo(function Markdown({ text }: { text: string }) {
  if (text.length > LONGEST) return <pre className="markdown-long">{visible(text.slice(0, LONGEST))}</pre>
  const tree = fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })
  const addresses = new Map<string, string>()
  for (const node of tree.children) if (node.type === 'definition') addresses.set(node.identifier, node.url)
  return <div className="markdown">{renderChildren(tree, addresses)}</div>
})
