/**
 * The log line by line, however many there are. A browser cannot draw a box higher than some 17 million pixels (Firefox), so
 * the list covers a million lines at a time, and moves on where one comes to its end.
 */

import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { LogBytes } from './logBytes.ts'
import { RawRow } from './rawRow.tsx'
import { useLog } from './useLog.ts'

/** Pixels; log.css has the same. */
const ROW = 17
const COVERED = 1_000_000
/** Pixels from the end that still count as being there. */
const NEAR = 24
/** Pixels from where the covered part ends, at which another is. */
const EDGE = ROW * 2000

export type Goal = { readonly row: number | 'begin' | 'end'; readonly at: number }

type Props = {
  log: LogBytes
  wrap: boolean
  follow: boolean
  setFollow: (follow: boolean) => void
  /** Where to go; a new object goes again. */
  goal: Goal | undefined
  /** The line that the search stands at, and what is searched. */
  found: number | undefined
  search: string
  empty: ReactNode
}

export function RawLog({ log, wrap, follow, setFollow, goal, found, search, empty }: Props) {
  const { rows } = useLog(log)
  const box = useRef<HTMLElement>(null)
  const [first, setFirst] = useState(() => Math.max(0, log.rows - COVERED))
  const count = Math.min(rows - first, COVERED)
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
    getItemKey: useCallback((index: number) => first + index, [first]),
    useFlushSync: false,
  })
  const atEnd = first + count >= rows
  const before = useRef(0)
  const ours = useRef(false)
  const moving = useRef(false)

  /** Brings a row onto the screen; where it is not covered, or `around` it says so, another part of the log is. */
  const show = useCallback(
    (row: number, align: 'start' | 'center' | 'end', around = false) => {
      const covered = row >= first && row < first + COVERED && !around
      const next = covered ? first : Math.max(0, Math.min(row - COVERED / 2, log.rows - COVERED))
      ours.current = true
      moving.current = true
      setFirst(next)
      // After the list has its new rows.
      requestAnimationFrame(() => {
        virtual.scrollToIndex(row - next, { align })
        moving.current = false
      })
    },
    [first, log, virtual],
  )

  // Rows have other heights now; what stood on top stays there.
  const wrapped = useRef(wrap)
  useLayoutEffect(() => {
    if (wrapped.current === wrap) return
    wrapped.current = wrap
    const top = virtual.getVirtualItemForOffset(virtual.scrollOffset ?? 0)?.index
    virtual.measure()
    if (!follow && top !== undefined) virtual.scrollToIndex(top, { align: 'start' })
  }, [wrap, follow, virtual])

  useLayoutEffect(() => {
    if (!follow || rows === 0) return
    if (!atEnd) setFirst(Math.max(0, rows - COVERED))
    ours.current = true
    virtual.scrollToIndex(count - 1, { align: 'end' })
  }, [follow, rows, count, atEnd, virtual])

  // A goal is reached once; what the log does afterwards is no reason to go there again.
  const reached = useRef<Goal>(undefined)
  useEffect(() => {
    if (goal === undefined || goal === reached.current) return
    reached.current = goal
    if (goal.row === 'begin') show(0, 'start')
    else if (goal.row !== 'end') show(goal.row, 'center')
  }, [goal, show])

  const items = virtual.getVirtualItems()
  log.forgetWanted()
  const lines = items.map(({ index }) => log.line(first + index))
  useEffect(() => log.fetchWanted())

  const onScroll = () => {
    const element = box.current
    if (element === null) return
    const gap = element.scrollHeight - element.clientHeight - element.scrollTop
    const up = element.scrollTop < before.current - 1
    before.current = element.scrollTop
    // Rows that turn out higher than thought move the view by themselves: only who scrolls up stops following.
    if (up && gap > NEAR && !ours.current) setFollow(false)
    else if (gap <= 2 && atEnd) setFollow(true)
    ours.current = false
    if (moving.current) return
    if (first > 0 && element.scrollTop < EDGE) show(first + Math.floor(element.scrollTop / ROW), 'start', true)
    else if (!atEnd && gap < EDGE) show(first + count - 1 - Math.floor(gap / ROW), 'end', true)
  }

  const start = items[0]?.start ?? 0
  return (
    <section ref={box} className="raw" data-wrap={wrap} aria-label="Raw log" tabIndex={0} onScroll={onScroll}>
      {rows === 0 ? (
        empty
      ) : (
        <div className="raw-all" style={{ height: virtual.getTotalSize() }}>
          <div className="raw-shown" style={{ transform: `translateY(${start}px)` }}>
            {items.map(({ index, key }, place) => (
              <RawRow
                key={key}
                ref={wrap ? virtual.measureElement : undefined}
                index={index}
                row={first + index}
                line={lines[place]}
                current={found === first + index}
                search={search}
              />
            ))}
          </div>
        </div>
      )}
    </section>
  )
}
