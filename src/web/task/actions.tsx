import { useRef, useState } from 'react'
import { useLocation } from 'wouter'
import type { TaskView } from '../../http/taskView.ts'
import { useAnnounce } from '../announcer.tsx'
import { newKey, postJson, wordsFor } from '../api.ts'
import { Dialog } from '../dialog.tsx'
import { MergeIcon } from '../icons.tsx'
import { mergeRequestName } from '../mergeRequestName.ts'
import { Outside } from '../outside.tsx'

/** What can be done with a task now; what this person may not do is not offered. */
export function Actions({ task, look }: { task: TaskView; look: () => void }) {
  const [asks, setAsks] = useState(false)
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState<string>()
  const [, navigate] = useLocation()
  const announce = useAnnounce()
  const key = useRef(newKey())
  const path = `/api/tasks/${encodeURIComponent(task.id)}`

  const order = async (send: () => Promise<string | undefined>) => {
    setBusy(true)
    setRefused(undefined)
    setRefused(await send())
    setBusy(false)
  }
  const stop = () =>
    order(async () => {
      const answer = await postJson(`${path}/stop`, undefined)
      setAsks(false)
      if (answer.is !== 'ok') return wordsFor(answer)
      announce('It will stop')
      look()
      return undefined
    })
  const retry = () =>
    order(async () => {
      const answer = await postJson<TaskView>(`${path}/retry`, undefined, key.current)
      if (answer.is !== 'ok') return wordsFor(answer)
      announce('A new task was created')
      navigate(`/tasks/${answer.value.id}`)
      return undefined
    })

  return (
    <div className="actions">
      {task.source.url !== null && (
        <Outside href={task.source.url} className="button">
          Open {task.source.on === 'issue' ? 'the issue' : 'the discussion'}
        </Outside>
      )}
      {task.may.retry && (
        <button type="button" className="button" disabled={busy} onClick={() => void retry()}>
          {task.mode === 'plan' && task.status === 'succeeded' ? 'Carry out the plan' : 'Retry'}
        </button>
      )}
      {task.may.stop && !task.stopping && (
        <button type="button" className="button danger" disabled={busy} onClick={() => setAsks(true)}>
          Stop
        </button>
      )}
      {task.mergeRequestUrl !== null && (
        <Outside href={task.mergeRequestUrl} className="button primary">
          <MergeIcon /> Open {mergeRequestName(task.mergeRequestUrl)}
        </Outside>
      )}
      {refused !== undefined && (
        <p className="action-refused" role="alert">
          {refused}
        </p>
      )}
      {asks && (
        <Dialog title="Stop this task?" close={() => setAsks(false)}>
          <p>
            What the agent has done so far is committed and pushed to the branch. You can let it go on from there later.
          </p>
          <div className="dialog-actions">
            <button type="button" className="button" onClick={() => setAsks(false)}>
              Let it run
            </button>
            <button type="button" className="button danger" disabled={busy} onClick={() => void stop()}>
              Stop it
            </button>
          </div>
        </Dialog>
      )}
    </div>
  )
}
