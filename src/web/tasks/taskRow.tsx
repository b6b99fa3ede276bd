import { memo } from 'react'
import { Link } from 'wouter'
import type { TaskSummary } from '../../http/taskView.ts'
import { dollars } from '../amounts.ts'
import { BranchIcon, MergeIcon } from '../icons.tsx'
import { mergeRequestName } from '../mergeRequestName.ts'
import { Outside } from '../outside.tsx'
import { sourceName } from '../sourceName.ts'
import { StateBadge } from '../stateBadge.tsx'
import { CAUSE_WORDS, isOver } from '../states.ts'
import { Ago, Lasting } from '../time.tsx'
import { visible } from '../visible.ts'

export const TaskRow = memo(function TaskRow({ task }: { task: TaskSummary }) {
  const over = isOver(task.status)
  const note = over ? (task.cause === null ? undefined : CAUSE_WORDS[task.cause]) : (task.doing ?? undefined)
  const prompt = task.prompt.trim()
  return (
    <tr>
      <td className="cell-state">
        <StateBadge task={task} />
      </td>
      <td className="cell-task">
        <Link href={`/tasks/${task.id}`} className="row-link">
          <bdi>{visible(task.title) || task.id}</bdi>
        </Link>
        <div className="second" title={note ?? prompt.slice(0, 300)}>
          <bdi>{visible(note ?? prompt)}</bdi>
        </div>
      </td>
      <td className="cell-project">
        <div className="cut">
          <bdi>{visible(task.repository)}</bdi>
        </div>
        <div className="second cut code" title={`${visible(task.branch)} → ${visible(task.base)}`}>
          <BranchIcon /> <bdi>{visible(task.branch)}</bdi>
        </div>
      </td>
      <td className="cell-asker">
        <div className="cut" title={visible(task.asker.name)}>
          @<bdi>{visible(task.asker.username)}</bdi>
        </div>
        <div className="second cut">
          <Ago at={task.createdAt} /> on{' '}
          {task.source.url === null ? (
            sourceName(task.source)
          ) : (
            <Outside href={task.source.url}>{sourceName(task.source)}</Outside>
          )}
        </div>
      </td>
      <td className="cell-took">
        <Lasting from={task.createdAt} to={over ? (task.endedAt ?? task.statusSince) : null} />
      </td>
      <td className="cell-cost number">
        {task.costUsd === null ? <span className="muted">–</span> : dollars(task.costUsd)}
      </td>
      <td className="cell-merge">
        {task.mergeRequestUrl === null ? (
          <span className="muted">–</span>
        ) : (
          <Outside href={task.mergeRequestUrl} className="merge-link">
            <MergeIcon /> {mergeRequestName(task.mergeRequestUrl)}
          </Outside>
        )}
      </td>
    </tr>
  )
})
