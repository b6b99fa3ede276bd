import { type CSSProperties, memo, type Ref } from 'react'
import { bytes } from '../amounts.ts'
import { type Token, tokens } from './ansi.ts'
import { lineMark } from './lineMark.ts'
import type { Line } from './logBytes.ts'
import { splitMatches } from './splitMatches.ts'

type Props = {
  ref: Ref<HTMLDivElement> | undefined
  /** In the list, for its measuring. */
  index: number
  row: number
  /** Undefined while it is fetched. */
  line: Line | undefined
  current: boolean
  search: string
}

/** One line: its number, and its text in its colours. */
export const RawRow = memo(
  function RawRow({ ref, index, row, line, current, search }: Props) {
    return (
      <div
        ref={ref}
        className="raw-row"
        data-index={index}
        data-found={current}
        data-mark={line && lineMark(line.text).mark}
      >
        <span className="raw-number" aria-hidden="true">
          {row + 1}
        </span>
        {line === undefined ? (
          <span className="raw-waits">…</span>
        ) : (
          <span className="raw-text">
            {tokens(line.text).map((token, place) => (
              <Part key={place} token={token} search={search} />
            ))}
            {line.more > 0 && (
              <span className="raw-cut">
                {' '}
                … this line goes on for about {bytes(line.more)}: download the log for it
              </span>
            )}
          </span>
        )}
      </div>
    )
  },
  (old, now) =>
    old.row === now.row &&
    old.index === now.index &&
    old.ref === now.ref &&
    old.current === now.current &&
    old.search === now.search &&
    old.line?.text === now.line?.text &&
    old.line?.more === now.line?.more,
)

function Part({ token, search }: { token: Token; search: string }) {
  const style: CSSProperties & Record<`--${string}`, string> = {
    ...(token.colour === undefined ? {} : { '--exact': `rgb(${token.colour})` }),
    ...(token.ground === undefined ? {} : { '--exact-ground': `rgb(${token.ground})` }),
  }
  const plain = token.style === '' && token.colour === undefined && token.ground === undefined
  const parts = splitMatches(token.text, search)
  const text = parts.map(({ text, matches }, place) => (matches ? <mark key={place}>{text}</mark> : text))
  if (plain) return text
  const classes = [
    token.style,
    token.colour === undefined ? '' : 'exact',
    token.ground === undefined ? '' : 'exact-ground',
  ]
  return (
    <span className={classes.filter((one) => one !== '').join(' ')} style={style}>
      {text}
    </span>
  )
}
