import { useCallback, useEffect, useState } from 'react'
import type { LogMatches } from '../../http/taskView.ts'
import { getJson } from '../api.ts'

const TYPING = 250

export type Search = {
  readonly text: string
  readonly setText: (text: string) => void
  readonly state: 'none' | 'searching' | 'failed' | 'found'
  readonly count: number
  /** There are more than the server tells. */
  readonly more: boolean
  /** Which match one stands at, and its line. */
  readonly place: number
  readonly line: number | undefined
  readonly move: (step: 1 | -1) => void
}

/** Looks for text in the whole log, on the server. `size`: searched again when the log has grown and somebody moves on. */
export function useSearch(address: string, startAt: () => number): Search {
  const [text, setText] = useState('')
  const [answer, setAnswer] = useState<{ text: string; found: LogMatches | undefined }>()
  const [place, setPlace] = useState(0)
  useEffect(() => {
    if (text === '') {
      setAnswer(undefined)
      return
    }
    const end = new AbortController()
    const timer = setTimeout(async () => {
      const query = new URLSearchParams({ q: text })
      const told = await getJson<LogMatches>(`${address}/search?${query}`, end.signal)
      if (end.signal.aborted) return
      const found = told.is === 'ok' ? told.value : undefined
      const next = found?.matches.findIndex(({ line }) => line >= startAt()) ?? -1
      setPlace(Math.max(0, next))
      setAnswer({ text, found })
    }, TYPING)
    return () => {
      clearTimeout(timer)
      end.abort()
    }
  }, [text, address, startAt])

  const current = answer?.text === text ? answer : undefined
  const matches = current?.found?.matches ?? []
  const move = useCallback(
    (step: 1 | -1) => setPlace((old) => (matches.length === 0 ? 0 : (old + step + matches.length) % matches.length)),
    [matches.length],
  )
  return {
    text,
    setText,
    state:
      text === '' ? 'none' : current === undefined ? 'searching' : current.found === undefined ? 'failed' : 'found',
    count: matches.length,
    more: current?.found?.more ?? false,
    place,
    line: matches[place]?.line,
    move,
  }
}
