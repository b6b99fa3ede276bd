/** The log, as a conversation or line by line. */

import { useCallback, useEffect, useRef, useState } from 'react'
import { bytes, counted } from '../amounts.ts'
import { useShortcuts } from '../shortcuts.tsx'
import { ConversationView } from './conversationView.tsx'
import type { LogBytes } from './logBytes.ts'
import { type Goal, RawLog } from './rawLog.tsx'
import { SearchBar } from './searchBar.tsx'
import { useLog } from './useLog.ts'
import { useSearch } from './useSearch.ts'

type View = 'conversation' | 'raw'
const VIEW = 'errand.log'
const WRAP = 'errand.wrap'

export function LogPanel({ log, over, cut, gone }: { log: LogBytes; over: boolean; cut: boolean; gone: boolean }) {
  const { rows, size } = useLog(log)
  const [view, setView] = useStored<View>(VIEW, 'conversation', ['conversation', 'raw'])
  const [wrap, setWrap] = useStored<'yes' | 'no'>(WRAP, 'no', ['yes', 'no'])
  const [follow, setFollow] = useState(true)
  const [goal, setGoal] = useState<Goal>()
  const input = useRef<HTMLInputElement>(null)
  const search = useSearch(
    log.address,
    useCallback(() => 0, []),
  )
  const go = useCallback((row: Goal['row']) => {
    setFollow(row === 'end')
    setGoal({ row, at: Date.now() })
  }, [])

  const { line, place, state } = search
  // `place` too: with one match on a line, the next one may be on the same.
  useEffect(() => {
    if (state !== 'found' || line === undefined || place < 0) return
    setView('raw')
    go(line)
  }, [state, line, place, go, setView])

  useShortcuts({
    l: () => setView(view === 'raw' ? 'conversation' : 'raw'),
    w: () => setWrap(wrap === 'yes' ? 'no' : 'yes'),
    b: () => go('begin'),
    e: () => go('end'),
  })

  const none = gone ? 'Its log is so old that it is not kept any more.' : 'It wrote no log.'
  const empty = <p className="log-empty muted">{over ? none : 'The log begins when the run does.'}</p>
  return (
    <section className="log" aria-labelledby="log-title">
      <div className="log-bar">
        <h2 id="log-title">Log</h2>
        <fieldset className="segments" aria-label="Shown as">
          {(['conversation', 'raw'] as const).map((one) => (
            <button key={one} type="button" aria-pressed={view === one} onClick={() => setView(one)}>
              {one === 'conversation' ? 'Conversation' : 'Raw'}
            </button>
          ))}
        </fieldset>
        <SearchBar search={search} input={input} />
        <div className="log-tools">
          <button
            type="button"
            className="button small"
            aria-pressed={wrap === 'yes'}
            disabled={view !== 'raw'}
            onClick={() => setWrap(wrap === 'yes' ? 'no' : 'yes')}
          >
            Wrap
          </button>
          <button type="button" className="button small" onClick={() => go('begin')}>
            Begin
          </button>
          <button type="button" className="button small" aria-pressed={follow} onClick={() => go('end')}>
            {over ? 'End' : 'Follow'}
          </button>
          <a className="button small" href={`${log.address}?download=1`} download>
            Download
          </a>
        </div>
      </div>
      {view === 'raw' ? (
        <RawLog
          log={log}
          wrap={wrap === 'yes'}
          follow={follow}
          setFollow={setFollow}
          goal={goal}
          found={state === 'found' ? line : undefined}
          search={search.text}
          empty={empty}
        />
      ) : (
        <ConversationView log={log} over={over} follow={follow} setFollow={setFollow} goal={goal} empty={empty} />
      )}
      <p className="log-foot muted number">
        {counted(rows, 'line')}, {bytes(size)}
        {cut && '; it was longer than Errand keeps, and is cut'}
      </p>
    </section>
  )
}

/** A choice that is kept for the next time. */
function useStored<T extends string>(name: string, usual: T, all: readonly T[]): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => {
    try {
      const kept = localStorage.getItem(name)
      return all.find((one) => one === kept) ?? usual
    } catch {
      return usual
    }
  })
  const set = useCallback(
    (next: T) => {
      setValue(next)
      try {
        localStorage.setItem(name, next)
      } catch {
        // It lives as long as the page, then.
      }
    },
    [name],
  )
  return [value, set]
}
