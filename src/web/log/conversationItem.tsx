import { memo, useState } from 'react'
import { counted } from '../amounts.ts'
import { WarningIcon } from '../icons.tsx'
import { Markdown } from '../markdown/markdown.tsx'
import { plain } from './ansi.ts'
import type { Item } from './conversation.ts'

/** `version` changes when the item has grown: the item itself stays the same object. */
export const ConversationItem = memo(function ConversationItem({ item }: { item: Item; version: number }) {
  switch (item.kind) {
    case 'said':
      return (
        <div className="said">
          <Markdown text={item.lines.map(plain).join('\n')} />
        </div>
      )
    case 'own':
      return (
        <div className="own">
          {item.lines.map((line, place) => (
            <OwnLine key={place} line={line} />
          ))}
        </div>
      )
    case 'output':
      return (
        <div className="did" data-kind="output">
          <Folded
            summary={counted(item.lines.length, 'line of output', 'lines of output')}
            text={() => item.lines.map(plain).join('\n')}
          />
        </div>
      )
    case 'did':
    case 'command':
      return (
        <div className="did" data-kind={item.kind} data-failed={item.failures > 0}>
          <div className="did-what">{item.lines.map(plain).join('\n')}</div>
          {item.answerLines > 0 && (
            <Folded
              summary={`${counted(item.answerLines, 'line')}${item.failures > 0 ? ', failed' : ''}`}
              text={() =>
                `${item.answer.map(({ text }) => plain(text)).join('\n')}${
                  item.answerLines > item.answer.length
                    ? `\n… ${counted(item.answerLines - item.answer.length, 'more line')} in the raw log`
                    : ''
                }`
              }
            />
          )}
        </div>
      )
  }
})

function OwnLine({ line }: { line: string }) {
  const warning = /^warning: /.test(line)
  return (
    <div className={warning ? 'own-line warning' : 'own-line'}>
      {warning && <WarningIcon />}
      {plain(warning ? line.slice('warning: '.length) : line)}
    </div>
  )
}

/** Its text is made only when somebody opens it. */
function Folded({ summary, text }: { summary: string; text: () => string }) {
  const [open, setOpen] = useState(false)
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{summary}</summary>
      {open && (
        <pre className="folded" tabIndex={0}>
          {text()}
        </pre>
      )}
    </details>
  )
}
