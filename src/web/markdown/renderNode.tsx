import type { AlignType, Nodes, Parents } from 'mdast'
import type { ReactNode } from 'react'
import { visible } from '../visible.ts'
import { webAddress } from '../webAddress.ts'

/** What `[text][name]` leads to. */
type Addresses = ReadonlyMap<string, string>

export function renderChildren(parent: Parents, addresses: Addresses): ReactNode[] {
  return parent.children.map((node, place) => (
    <Node key={node.position?.start.offset ?? place} node={node} addresses={addresses} />
  ))
}

function Node({ node, addresses }: { node: Nodes; addresses: Addresses }): ReactNode {
  const inside = 'children' in node ? renderChildren(node, addresses) : undefined
  switch (node.type) {
    case 'root':
      return inside
    case 'paragraph':
      return <p dir="auto">{inside}</p>
    case 'heading':
      return <Heading depth={node.depth}>{inside}</Heading>
    case 'text':
      return visible(node.value)
    case 'emphasis':
      return <em>{inside}</em>
    case 'strong':
      return <strong>{inside}</strong>
    case 'delete':
      return <del>{inside}</del>
    case 'inlineCode':
      return <code>{visible(node.value)}</code>
    case 'code':
      return (
        <pre tabIndex={0}>
          <code>{visible(node.value)}</code>
        </pre>
      )
    case 'blockquote':
      return <blockquote>{inside}</blockquote>
    case 'list':
      return node.ordered === true ? <ol start={node.start ?? 1}>{inside}</ol> : <ul>{inside}</ul>
    case 'listItem':
      return (
        <li className={node.checked == null ? undefined : 'task-item'}>
          {node.checked != null && (
            <input
              type="checkbox"
              checked={node.checked}
              disabled
              readOnly
              aria-label={node.checked ? 'done' : 'open'}
            />
          )}
          {inside}
        </li>
      )
    case 'thematicBreak':
      return <hr />
    case 'break':
      return <br />
    case 'link':
      return <Away url={node.url}>{inside}</Away>
    case 'linkReference':
      return <Away url={addresses.get(node.identifier) ?? ''}>{inside}</Away>
    // A picture would tell a stranger's server who reads this: it is a link to it.
    case 'image':
      return <Away url={node.url}>{visible(node.alt || node.url)}</Away>
    case 'imageReference':
      return <Away url={addresses.get(node.identifier) ?? ''}>{visible(node.alt ?? node.identifier)}</Away>
    case 'html':
      return <code className="html-text">{visible(node.value)}</code>
    case 'table':
      return (
        <Table
          align={node.align ?? []}
          rows={node.children.map((row) => row.children.map((cell) => renderChildren(cell, addresses)))}
        />
      )
    case 'footnoteReference':
      return <sup>[{visible(node.identifier)}]</sup>
    case 'footnoteDefinition':
      return (
        <div className="footnote">
          <sup>[{visible(node.identifier)}]</sup> {inside}
        </div>
      )
    case 'tableRow':
    case 'tableCell':
    case 'definition':
    case 'yaml':
      return undefined
  }
}

/** Below the page's own headings. */
function Heading({ depth, children }: { depth: 1 | 2 | 3 | 4 | 5 | 6; children: ReactNode }) {
  if (depth === 1) return <h3>{children}</h3>
  if (depth === 2) return <h4>{children}</h4>
  return depth === 3 ? <h5>{children}</h5> : <h6>{children}</h6>
}

function Away({ url, children }: { url: string; children: ReactNode }) {
  const address = webAddress(url, true)
  if (address === undefined) return <span className="no-link">{children}</span>
  return (
    <a href={address} target="_blank" rel="noopener noreferrer nofollow" title={visible(address)}>
      {children}
    </a>
  )
}

function Table({ align, rows }: { align: readonly AlignType[]; rows: readonly (readonly ReactNode[])[] }) {
  const [head = [], ...body] = rows
  const side = (place: number) => align[place] ?? undefined
  return (
    <section className="table-scroll" aria-label="Table" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {head.map((cell, place) => (
              <th key={place} scope="col" data-align={side(place)}>
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {body.map((row, line) => (
            <tr key={line}>
              {row.map((cell, place) => (
                <td key={place} data-align={side(place)}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
