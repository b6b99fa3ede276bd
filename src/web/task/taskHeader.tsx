import { Link } from 'wouter'
import type { TaskView } from '../../http/taskView.ts'
import { ConnectionState } from '../connectionState.tsx'
import { BranchIcon } from '../icons.tsx'
import { Outside } from '../outside.tsx'
import type { Connection } from '../serverEvents.ts'
import { sourceName } from '../sourceName.ts'
import { StateBadge } from '../stateBadge.tsx'
import { CAUSE_WORDS, isOver } from '../states.ts'
import { Ago, Lasting } from '../time.tsx'
import { visible } from '../visible.ts'
import { Actions } from './actions.tsx'

export function TaskHeader({ task, connection, look }: { task: TaskView; connection: Connection; look: () => void }) {
  const over = isOver(task.status)
  const cause = task.cause === null || task.failure !== null ? undefined : CAUSE_WORDS[task.cause]
  return (
    <header className="task-header">
      <nav className="crumbs" aria-label="Where this is">
        <Link href="/">Tasks</Link> <span aria-hidden="true">/</span> <span className="code">{task.id}</span>
        <ConnectionState state={connection} />
      </nav>
      <div className="task-title">
        <h1>
          <bdi>{visible(task.title) || task.id}</bdi>
        </h1>
        <Actions task={task} look={look} />
      </div>
      <p className="task-now">
        <StateBadge task={task} />
        <Lasting from={task.createdAt} to={over ? (task.endedAt ?? task.statusSince) : null} />
        <span className="task-doing">
          {task.stopping && !over ? (
            'Stopping: its work is saved first'
          ) : (
            <bdi>{visible(cause ?? task.doing ?? '')}</bdi>
          )}
        </span>
      </p>
      <p className="task-where muted">
        <span>
          <BranchIcon /> <b>{visible(task.repository)}</b>{' '}
          <span className="code">
            <bdi>{visible(task.branch)}</bdi>
          </span>{' '}
          from{' '}
          <span className="code">
            <bdi>{visible(task.base)}</bdi>
          </span>
        </span>
        <span>
          asked by <b title={visible(task.asker.name)}>@{visible(task.asker.username)}</b> on{' '}
          {task.source.url === null ? (
            sourceName(task.source)
          ) : (
            <Outside href={task.source.url}>{sourceName(task.source)}</Outside>
          )}
          , <Ago at={task.createdAt} />
        </span>
        {task.continues !== null && (
          <span>
            goes on with <Link href={`/tasks/${task.continues}`}>{task.continues}</Link>
          </span>
        )}
        {task.discreet && <span>discreet: more people can read the project than the request</span>}
      </p>
    </header>
  )
}
