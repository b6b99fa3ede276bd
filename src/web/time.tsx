import { ago, duration } from './amounts.ts'
import { useNow } from './clock.ts'

const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' })

/** How long ago, with the exact time for who asks by pointing at it. */
export function Ago({ at }: { at: string }) {
  const time = Date.parse(at)
  return (
    <time dateTime={at} title={EXACT.format(time)}>
      {ago(time, useNow())}
    </time>
  )
}

/** How long it takes so far, or took. */
export function Lasting({ from, to }: { from: string; to: string | null }) {
  const now = useNow(to === null)
  const seconds = ((to === null ? now : Date.parse(to)) - Date.parse(from)) / 1000
  return <span className="number">{duration(seconds)}</span>
}
