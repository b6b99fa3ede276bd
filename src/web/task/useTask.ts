/** One task and its log, from the same stream: after any loss both go on where they were. */

import { useCallback, useEffect, useRef, useState } from 'react'
import type { TaskView } from '../../http/taskView.ts'
import { type Answer, getJson } from '../api.ts'
import { LogBytes } from '../log/logBytes.ts'
import { type Connection, watchEvents } from '../serverEvents.ts'

export type Watched = {
  readonly task: TaskView | undefined
  readonly failed: Exclude<Answer<unknown>, { is: 'ok' }> | undefined
  readonly connection: Connection
  readonly log: LogBytes
  /** `hidden`: this person may see the task, and not its log. */
  readonly logState: 'opening' | 'open' | 'hidden'
  readonly look: () => void
}

type News = { readonly from: number; readonly to: number; readonly text: string }

/** Whether asking again would be answered the same. */
function isAnswered(answer: Answer<unknown>): boolean {
  return (
    answer.is === 'ok' || (answer.is === 'problem' && (answer.problem.status === 403 || answer.problem.status === 404))
  )
}

export function useTask(id: string): Watched {
  const path = `/api/tasks/${encodeURIComponent(id)}`
  const [task, setTask] = useState<TaskView>()
  const [failed, setFailed] = useState<Watched['failed']>()
  const [connection, setConnection] = useState<Connection>('connecting')
  const [log] = useState(() => new LogBytes(`${path}/log`))
  const [logState, setLogState] = useState<Watched['logState']>('opening')

  /** How often the stream told the task: what was asked before is older than what was told since. */
  const told = useRef(0)

  const look = useCallback(async () => {
    const before = told.current
    const answer = await getJson<TaskView>(path)
    if (answer.is === 'ok' && told.current === before) setTask(answer.value)
    setFailed(answer.is === 'ok' ? undefined : answer)
  }, [path])

  useEffect(() => {
    let ended = false
    let stop = () => {}
    let asking = false

    const again = async () => {
      if (asking) return
      asking = true
      const answer = await log.open()
      asking = false
      return answer
    }
    const begin = async () => {
      void look()
      let opened = await again()
      for (let wait = 500; opened !== undefined && !isAnswered(opened) && !ended; wait = Math.min(wait * 2, 10_000)) {
        setConnection('lost')
        await new Promise((resolve) => setTimeout(resolve, wait))
        opened = await again()
      }
      if (ended) return
      const hidden = opened?.is === 'problem'
      setLogState(hidden ? 'hidden' : 'open')
      stop = watchEvents({
        // The byte to go on from: what is here already does not come again.
        url: () => `${path}/events?from=${hidden ? 'end' : log.size}`,
        position: () => (hidden ? undefined : String(log.size)),
        connection(state) {
          setConnection(state)
          // Changes may have been missed.
          if (state === 'open') void look()
        },
        event({ event, data }) {
          if (event === 'task') {
            told.current += 1
            setTask(JSON.parse(data) as TaskView)
          }
          if (event !== 'log') return
          const { from, to, text } = JSON.parse(data) as News
          if (!log.append(from, to, text)) void again()
        },
        refused: () => void look(),
      })
    }
    void begin()
    return () => {
      ended = true
      stop()
    }
  }, [path, log, look])

  return { task, failed, connection, log, logState, look }
}
