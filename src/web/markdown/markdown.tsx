/**
 * Markdown of others (GitLab's kind) as elements of the page. There is no HTML on the way: every node becomes an element that is named
 * here, what is HTML in it is shown as the text it is, and nothing is loaded from anywhere.
 */

import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { Component, memo, type ReactNode } from 'react'
import { visible } from '../visible.ts'
import { renderChildren } from './renderNode.tsx'
import { isTame } from './tame.ts'

/** Characters of a text that is shown as it is. */
const MOST_PLAIN = 200_000

export const Markdown = memo(function Markdown({ text }: { text: string }) {
  if (!isTame(text)) return <Plain text={text} />
  return (
    <OrPlain text={text}>
      <Parsed text={text} />
    </OrPlain>
  )
})

function Parsed({ text }: { text: string }) {
  const tree = fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })
  const addresses = new Map<string, string>()
  for (const node of tree.children) if (node.type === 'definition') addresses.set(node.identifier, node.url)
  return <div className="markdown">{renderChildren(tree, addresses)}</div>
}

function Plain({ text }: { text: string }) {
  const cut = text.length > MOST_PLAIN
  return (
    <>
      <pre className="markdown-long" tabIndex={0}>
        {visible(cut ? text.slice(0, MOST_PLAIN) : text)}
      </pre>
      <p className="muted">
        {cut
          ? 'Shown as it is, and cut here: the rest is in the raw log, which can be downloaded.'
          : 'Shown as it is: too long or too tangled to be laid out.'}
      </p>
    </>
  )
}

type Tried = { readonly text: string; readonly broken: boolean }

/** What cannot be laid out is shown as it is, and takes nothing else of the page with it. */
class OrPlain extends Component<{ text: string; children: ReactNode }, Tried> {
  override state: Tried = { text: this.props.text, broken: false }

  static getDerivedStateFromError(): Partial<Tried> {
    return { broken: true }
  }

  /** Another text is another attempt. */
  static getDerivedStateFromProps({ text }: { text: string }, tried: Tried): Tried | null {
    return tried.text === text ? null : { text, broken: false }
  }

  override render(): ReactNode {
    return this.state.broken ? <Plain text={this.props.text} /> : this.props.children
  }
}
