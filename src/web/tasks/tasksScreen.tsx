/** All tasks that this person may see, current by themselves; the address bar holds the filter. */

import { useCallback, useEffect, useRef } from 'react'
import { Link, useLocation, useSearch } from 'wouter'
import { counted } from '../amounts.ts'
import { useAnnounce } from '../announcer.tsx'
import { wordsFor } from '../api.ts'
import { ConnectionState } from '../connectionState.tsx'
import { PlusIcon } from '../icons.tsx'
import { useMe } from '../me.tsx'
import { Notice } from '../notice.tsx'
import { useTitle } from '../title.ts'
import { Filters } from './filters.tsx'
import { isFiltered, readFilter, type TaskFilter, writeFilter } from './taskFilter.ts'
import { TaskTable, TaskTableWaits } from './taskTable.tsx'
import { useTasks } from './useTasks.ts'

export function TasksScreen() {
  useTitle('Tasks')
  const filter = readFilter(useSearch())
  const [, navigate] = useLocation()
  const table = useRef<HTMLDivElement>(null)
  const announce = useAnnounce()
  // No row moves while somebody points at one, has the focus in one, or has scrolled down to one.
  const holds = useCallback(() => window.scrollY > 120 || table.current?.matches(':hover, :focus-within') === true, [])
  const tasks = useTasks(writeFilter(filter), holds)
  const { list } = tasks
  // Of a page that is empty, and not the last: the next one is on its way.
  const looking = list !== undefined && list.tasks.length === 0 && list.next !== null

  const change = (changes: Partial<TaskFilter>, how: { replace?: boolean } = {}) =>
    navigate(address({ ...filter, before: '', ...changes }), how)

  const waiting = list?.waiting.length ?? 0
  useEffect(() => {
    if (waiting > 0) announce(`${counted(waiting, 'new task')} above the table`)
  }, [waiting, announce])

  return (
    <>
      <div className="title-line">
        <h1>Tasks</h1>
        <ConnectionState state={tasks.connection} />
        <Link href="/new" className="button primary only-narrow">
          <PlusIcon /> New task
        </Link>
      </div>
      <Filters filter={filter} change={change} />
      <div ref={table} className="table-frame" data-stale={tasks.stale} aria-busy={list === undefined || tasks.stale}>
        {waiting > 0 && (
          <button type="button" className="waiting" onClick={tasks.showWaiting}>
            {counted(waiting, 'new task')}: show
          </button>
        )}
        {list !== undefined && list.tasks.length > 0 && <TaskTable tasks={list.tasks} />}
        {list !== undefined && list.tasks.length === 0 && list.next === null && (
          <Nothing filter={filter} reset={() => navigate('/')} />
        )}
        {looking && tasks.failed === undefined && (
          <p className="muted looking" role="status">
            Still looking …
          </p>
        )}
        {list === undefined && tasks.failed === undefined && <TaskTableWaits />}
        {(list === undefined || looking) && tasks.failed !== undefined && (
          <Notice
            kind="error"
            title="The tasks could not be fetched"
            action={
              <button type="button" className="button" onClick={tasks.again}>
                Try again
              </button>
            }
          >
            {wordsFor(tasks.failed)}
          </Notice>
        )}
      </div>
      {list !== undefined && (filter.before !== '' || list.next !== null) && (
        <nav className="pages" aria-label="Pages of tasks">
          {filter.before !== '' && (
            <Link href={address({ ...filter, before: '' })} className="button">
              ← Newest
            </Link>
          )}
          {list.next !== null && !looking && (
            <Link href={address({ ...filter, before: list.next })} className="button" onClick={() => scrollTo(0, 0)}>
              Older →
            </Link>
          )}
        </nav>
      )}
    </>
  )
}

function Nothing({ filter, reset }: { filter: TaskFilter; reset: () => void }) {
  const me = useMe()
  if (isFiltered(filter) || filter.before !== '') {
    return (
      <Notice
        title="No task is like that"
        action={
          <button type="button" className="button" onClick={reset}>
            Show all tasks
          </button>
        }
      >
        Of the tasks you may see. Take a filter away.
      </Notice>
    )
  }
  return (
    <Notice
      title="Nothing was asked yet"
      action={
        <Link href="/new" className="button primary">
          <PlusIcon /> New task
        </Link>
      }
    >
      Write <code>{me?.trigger ?? '/agent'} add a health check</code> under an issue or a merge request, or begin here.
    </Notice>
  )
}

function address(filter: TaskFilter): string {
  const query = writeFilter(filter)
  return query === '' ? '/' : `/?${query}`
}
