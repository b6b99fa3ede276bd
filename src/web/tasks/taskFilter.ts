/** Which tasks are shown, as the address bar holds it and the API takes it. Pure. */

import { FILTER_STATES, type State } from '../states.ts'

export type TaskFilter = {
  readonly status: readonly State[]
  /** A project's path. */
  readonly project: string
  /** A user name. */
  readonly person: string
  readonly text: string
  /** The cursor of an older page. */
  readonly before: string
}

export function readFilter(search: string): TaskFilter {
  const query = new URLSearchParams(search)
  const named = query.getAll('status')
  return {
    status: FILTER_STATES.filter((state) => named.includes(state)),
    project: query.get('project') ?? '',
    person: query.get('person') ?? '',
    text: query.get('text') ?? '',
    before: query.get('before') ?? '',
  }
}

/** As a query, without a question mark; what does not filter is left out. */
export function writeFilter({ status, project, person, text, before }: TaskFilter): string {
  const query = new URLSearchParams(status.map((state) => ['status', state]))
  for (const [name, value] of Object.entries({ project, person, text, before })) {
    if (value.trim() !== '') query.set(name, value.trim())
  }
  return query.toString()
}

export function isFiltered({ status, project, person, text }: TaskFilter): boolean {
  return status.length > 0 || project !== '' || person !== '' || text !== ''
}
