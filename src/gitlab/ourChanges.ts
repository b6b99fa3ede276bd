/** Of what changed on a GitLab, what is in projects that we are a member of: what others did elsewhere is none of our business. */

import { z } from 'zod'
import type { Place } from '../tasks/task.ts'
import { changedSince, type Page } from './changes.ts'
import type { GitLab } from './client.ts'

/** So many changes of which less than a tenth is ours, as on gitlab.com: then it takes less to ask project by project. */
const CROWD = 500

export type Changes = (on: Place['on'], since: number) => AsyncGenerator<Page>

/** `crowd` is for tests. */
export function createChanges(gitlab: GitLab, crowd = CROWD): Changes {
  let members: ReadonlySet<number> = new Set()
  return async function* ourChanges(on, since) {
    const given = new Set<string>()
    let [all, asked] = [0, false]
    for await (const { changed, date } of changedSince(gitlab, on, since)) {
      // Asked once for what we do not know, so that a new project counts from its first comment on; as a rule there is nothing.
      if (!asked && changed.some(({ projectId }) => !members.has(projectId))) {
        members = await ownProjects(gitlab)
        asked = true
      }
      const ours = changed.filter(({ projectId }) => members.has(projectId))
      yield { changed: ours, date }
      for (const thing of ours) given.add(nameOf(thing))
      all += changed.length
      if (all < crowd || given.size * 10 >= all) continue
      for (const projectId of members) {
        for await (const page of changedSince(gitlab, on, since, projectId))
          yield { ...page, changed: page.changed.filter((thing) => !given.has(nameOf(thing))) }
      }
      return
    }
  }
}

function nameOf({ projectId, iid }: Place): string {
  return `${projectId}-${iid}`
}

async function ownProjects(gitlab: GitLab): Promise<ReadonlySet<number>> {
  const ids = new Set<number>()
  for (let page = 1; ; page++) {
    const query = {
      membership: 'true',
      archived: 'false',
      simple: 'true',
      order_by: 'id',
      sort: 'asc',
      per_page: '100',
    }
    const { body } = await gitlab.call('GET', 'projects', { ...query, page: String(page) })
    const rows = z.array(z.object({ id: z.number() })).parse(body)
    for (const { id } of rows) ids.add(id)
    if (rows.length < 100) return ids
  }
}
