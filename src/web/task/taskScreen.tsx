/** One task: what is going on and why, within a glance. */

import { useEffect, useRef } from 'react'
import type { TaskView } from '../../http/taskView.ts'
import { useAnnounce } from '../announcer.tsx'
import { wordsFor } from '../api.ts'
import { LogPanel } from '../log/logPanel.tsx'
import { NotHere } from '../notHere.tsx'
import { Notice } from '../notice.tsx'
import { isOver, shown, WORDS } from '../states.ts'
import { useTitle } from '../title.ts'
import { Facts } from './facts.tsx'
import { Request } from './request.tsx'
import { Result } from './result.tsx'
import { TaskHeader } from './taskHeader.tsx'
import { Timeline } from './timeline.tsx'
import { useTask, type Watched } from './useTask.ts'
import '../style/task.css'
import '../style/log.css'

export function TaskScreen({ id }: { id: string }) {
  const watched = useTask(id)
  const { task, failed, look } = watched
  useTitle(task === undefined ? id : `${WORDS[shown(task)]}: ${task.title || id}`)
  useChangesSaid(watched)

  if (failed?.is === 'problem' && (failed.problem.status === 404 || failed.problem.status === 403)) {
    return <NotHere what="There is no such task" />
  }
  if (task === undefined) {
    return failed === undefined ? (
      <TaskWaits />
    ) : (
      <Notice
        whole
        kind="error"
        title="The task could not be fetched"
        action={
          <button type="button" className="button" onClick={look}>
            Try again
          </button>
        }
      >
        {wordsFor(failed)}
      </Notice>
    )
  }
  return (
    <article className="task">
      <TaskHeader task={task} connection={watched.connection} look={look} />
      <Timeline task={task} />
      <div className="task-columns">
        <div className="task-main">
          {!isOver(task.status) && <Request task={task} />}
          <Result task={task} />
          <Log watched={watched} task={task} />
          {isOver(task.status) && <Request task={task} />}
        </div>
        <Facts task={task} />
      </div>
    </article>
  )
}

function Log({ watched: { log, logState }, task }: { watched: Watched; task: TaskView }) {
  switch (logState) {
    case 'opening':
      return <div className="log log-opens" role="status" aria-label="Opening the log" />
    case 'open':
      return <LogPanel log={log} over={isOver(task.status)} cut={task.log.cut} gone={task.log.gone} />
    case 'hidden':
      return (
        <Notice title="The log is not for everybody">
          More people can see this project than may read this request.
        </Notice>
      )
  }
}

/** Says a new state to those who hear the page. */
function useChangesSaid({ task }: Watched): void {
  const announce = useAnnounce()
  const state = task && shown(task)
  const said = useRef(state)
  useEffect(() => {
    if (state !== undefined && said.current !== undefined && said.current !== state)
      announce(`The task is now: ${WORDS[state]}`)
    said.current = state
  }, [state, announce])
}

function TaskWaits() {
  return (
    <div className="task-wait" role="status">
      <span className="unseen">Fetching the task</span>
      <span className="bar short" />
      <span className="bar" />
      <span className="bar wide" />
    </div>
  )
}
