import MarkdownIt, { type StateCore, type Token } from 'markdown-it'
import { withEmoji } from './pageEmoji.ts'
import type { Html } from './pageHtml.ts'
import { piecesOf, type Reader, shortName } from './pageReferences.ts'
import { safe } from './pageSafe.ts'

/** A text as GitLab shows it to somebody: Markdown with HTML in it, task lists, short codes and references; harmless. */
export function markdown(text: string, reader: Reader): Html {
  return safe(parser.render(text, { reader }))
}

const parser = new MarkdownIt({ html: true, linkify: true })
// Only what says that it is a link: `package.json` is none.
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false })
parser.core.ruler.push('gitlab', (state) => {
  const { reader } = state.env as { reader: Reader }
  for (const [index, block] of state.tokens.entries()) {
    if (block.type !== 'inline') continue
    block.children = inline(state, block.children ?? [], reader)
    const item = state.tokens[index - 2]
    if (item?.type === 'list_item_open') asTask(state, item, block)
  }
})

/** References, short codes and short names of addresses, outside of links that have words of their own. */
function inline(state: StateCore, tokens: readonly Token[], reader: Reader): Token[] {
  const made: Token[] = []
  let link: Token | undefined
  for (const token of tokens) {
    if (token.type === 'link_open') link = token
    if (token.type === 'link_close') link = undefined
    if (token.type !== 'text') made.push(token)
    else if (link === undefined) made.push(...referring(state, token, reader))
    else {
      const name = link.markup === 'linkify' ? shortName(String(link.attrGet('href')), reader) : undefined
      token.content = name ?? withEmoji(token.content)
      made.push(token)
    }
  }
  return made
}

function referring(state: StateCore, token: Token, reader: Reader): Token[] {
  return piecesOf(token.content, reader).flatMap(({ text, href }) => {
    const words = new state.Token('text', '', 0)
    words.content = href === undefined ? withEmoji(text) : text
    if (href === undefined) return [words]
    const open = new state.Token('link_open', 'a', 1)
    open.attrs = [
      ['href', href],
      ['class', 'reference'],
    ]
    return [open, words, new state.Token('link_close', 'a', -1)]
  })
}

/** `- [x] done` gets a box. */
function asTask(state: StateCore, item: Token, { children }: Token): void {
  const [first] = children ?? []
  const [mark, done] = /^\[([ xX])\] /.exec(first?.type === 'text' ? first.content : '') ?? []
  if (first === undefined || mark === undefined) return
  first.content = first.content.slice(mark.length)
  const box = new state.Token('html_inline', '', 0)
  box.content = `<input type="checkbox" disabled${done === ' ' ? '' : ' checked'}> `
  children?.unshift(box)
  item.attrJoin('class', 'task')
}
