/** One page of tasks, kept current. */

import { useCallback, useEffect, useRef, useState } from 'react'
import type { TaskSummary } from '../../http/taskView.ts'
import { type Answer, getJson } from '../api.ts'
import { type Connection, watchEvents } from '../serverEvents.ts'
import { PAGE, showWaiting, type TaskList, withoutTask, withTask } from './taskList.ts'

type Page = { readonly tasks: readonly TaskSummary[]; readonly next: string | null }

export type Tasks = {
  /** Undefined until the first answer; the last good list while the server is away. */
  readonly list: TaskList | undefined
  /** Whether the list is of another filter than the one asked for now. */
  readonly stale: boolean
  readonly failed: Exclude<Answer<unknown>, { is: 'ok' }> | undefined
  readonly connection: Connection
  showWaiting(): void
  again(): void
}

/** `query` without a question mark; new tasks wait while `holds()`. */
export function useTasks(query: string, holds: () => boolean): Tasks {
  const [found, setFound] = useState<{ query: string; list: TaskList }>()
  const [failed, setFailed] = useState<Tasks['failed']>()
  const [connection, setConnection] = useState<Connection>('connecting')
  const [wanted, setWanted] = useState({ query })
  if (wanted.query !== query) setWanted({ query })
  const hold = useRef(holds)
  hold.current = holds
  // A new object asks the same again.
  const again = useCallback(() => setWanted((old) => ({ ...old })), [])

  useEffect(() => {
    const { query } = wanted
    const end = new AbortController()
    const first = !new URLSearchParams(query).has('before')
    const filter = new URLSearchParams(query)
    filter.delete('before')
    const change = (make: (list: TaskList) => TaskList) =>
      setFound((old) => (old?.query === query ? { query, list: make(old.list) } : old))

    let turn = 0
    // What is told while it goes on to pages that are not the newest.
    let news: readonly TaskSummary[] = []

    async function load(): Promise<void> {
      turn += 1
      const own = turn
      const at = new URLSearchParams(query)
      let further = false
      news = []
      for (;;) {
        const answer = await getJson<Page>(`/api/tasks?${withLimit(at.toString())}`, end.signal)
        if (end.signal.aborted || (own < turn && further)) return
        setFailed(answer.is === 'ok' ? undefined : answer)
        if (answer.is !== 'ok') return
        const page: TaskList = { ...answer.value, waiting: [] }
        const list = news.reduce((old, task) => withTask(old, task, { first, hold: false }), page)
        const goesOn = page.tasks.length === 0 && page.next !== null && page.next !== at.get('before')
        // What is there stays until there is something else.
        setFound((old) => (goesOn && old?.query === query ? old : { query, list }))
        if (!goesOn || own < turn) return
        further = true
        at.set('before', page.next ?? '')
      }
    }

    void load()
    const stop = watchEvents({
      url: () => `/api/tasks/events?${filter}`,
      connection(state) {
        setConnection(state)
        // Once more, now that the stream stands: nothing falls between the two.
        if (state === 'open') void load()
      },
      event({ event, data }) {
        if (event === 'reset') void load()
        else if (event === 'gone') {
          const gone = (JSON.parse(data) as { id: string }).id
          news = news.filter(({ id }) => id !== gone)
          change((list) => withoutTask(list, gone))
        } else if (event === 'task') {
          const task = JSON.parse(data) as TaskSummary
          news = [...news.filter(({ id }) => id !== task.id), task]
          change((list) => withTask(list, task, { first, hold: hold.current() }))
        }
      },
      refused: () => void load(),
    })
    return () => {
      end.abort()
      stop()
    }
  }, [wanted])

  return {
    list: found?.list,
    stale: found !== undefined && found.query !== query,
    failed,
    connection,
    again,
    showWaiting: useCallback(() => setFound((old) => old && { ...old, list: showWaiting(old.list) }), []),
  }
}

function withLimit(query: string): string {
  return `${query}${query === '' ? '' : '&'}limit=${PAGE}`
}
