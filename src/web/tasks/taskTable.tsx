import type { TaskSummary } from '../../http/taskView.ts'
import { TaskRow } from './taskRow.tsx'

const COLUMNS = ['State', 'Task', 'Project and branch', 'Asked', 'Took', 'Cost', 'Merge request'] as const

const WAITING_ROWS = [1, 2, 3, 4, 5, 6, 7, 8] as const

/** On narrow screens each row becomes a card; the roles keep it a table for those who hear it. */
export function TaskTable({ tasks }: { tasks: readonly TaskSummary[] }) {
  return (
    <table className="tasks">
      <caption className="unseen">Tasks, newest first</caption>
      <thead>
        <tr>
          {COLUMNS.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {tasks.map((task) => (
          <TaskRow key={task.id} task={task} />
        ))}
      </tbody>
    </table>
  )
}

/** The table before its first answer: its rows have the height of real ones, so nothing moves when they come. */
export function TaskTableWaits() {
  return (
    <div className="tasks-wait" role="status">
      <span className="unseen">Fetching the tasks</span>
      {WAITING_ROWS.map((row) => (
        <div key={row} className="wait-row" aria-hidden="true">
          <span className="bar short" />
          <span className="bar" />
          <span className="bar short" />
        </div>
      ))}
    </div>
  )
}
