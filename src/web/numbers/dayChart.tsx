/** Bars by day, drawn by hand: a chart library would be a sixth of the page. The tables below hold the same numbers. */

import { useState } from 'react'

export type Kind = 'succeeded' | 'failed' | 'cancelled' | 'running' | 'merged' | 'unmerged' | 'time' | 'cost'
type Day = { readonly day: string; readonly parts: readonly { readonly kind: Kind; readonly value: number }[] }

const KIND_WORDS: Readonly<Record<Kind, string>> = {
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
  running: 'not over',
  merged: 'merged',
  unmerged: 'not merged',
  time: 'median',
  cost: 'US dollars',
}

const [WIDTH, HEIGHT] = [300, 96]
const DAY = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' })

export function DayChart({
  title,
  days,
  words,
  legend = false,
}: {
  title: string
  days: readonly Day[]
  words: (value: number) => string
  legend?: boolean
}) {
  const [pointed, setPointed] = useState<number>()
  const sums = days.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0))
  const top = Math.max(...sums, 0)
  const width = WIDTH / Math.max(1, days.length)
  const gap = Math.min(2, width * 0.2)
  const at = pointed === undefined ? undefined : days[pointed]
  const kinds = days[0]?.parts.map(({ kind }) => kind) ?? []
  return (
    <figure className="chart">
      <figcaption>
        <b>{title}</b>
        <span className="chart-told number">
          {at === undefined ? `at most ${words(top)}` : `${DAY.format(Date.parse(at.day))}: ${told(at, words)}`}
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}, at most ${words(top)}; the numbers are in the table of days`}
        onPointerLeave={() => setPointed(undefined)}
      >
        <path className="chart-lines" d={`M0 .5H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT - 0.5}H${WIDTH}`} />
        {days.map(({ day, parts }, place) => {
          let y = HEIGHT
          return (
            <g key={day} data-pointed={place === pointed} onPointerEnter={() => setPointed(place)}>
              <rect className="chart-day" x={place * width} y={0} width={width} height={HEIGHT} />
              {parts.map(({ kind, value }) => {
                const height = top === 0 ? 0 : (value / top) * (HEIGHT - 2)
                y -= height
                return (
                  height > 0 && (
                    <rect
                      key={kind}
                      data-kind={kind}
                      x={place * width + gap / 2}
                      y={y}
                      width={width - gap}
                      height={height}
                    />
                  )
                )
              })}
            </g>
          )
        })}
      </svg>
      <div className="chart-foot muted number" aria-hidden="true">
        <span>{days[0] && DAY.format(Date.parse(days[0].day))}</span>
        {legend && (
          <span className="legend">
            {kinds.map((kind) => (
              <span key={kind} data-kind={kind}>
                <i /> {KIND_WORDS[kind]}
              </span>
            ))}
          </span>
        )}
        <span>{days.at(-1) && DAY.format(Date.parse(days.at(-1)?.day ?? ''))}</span>
      </div>
    </figure>
  )
}

function told({ parts }: Day, words: (value: number) => string): string {
  if (parts.length === 1) return words(parts[0]?.value ?? 0)
  const there = parts.filter(({ value }) => value > 0)
  return there.length === 0 ? 'none' : there.map(({ kind, value }) => `${words(value)} ${KIND_WORDS[kind]}`).join(', ')
}
