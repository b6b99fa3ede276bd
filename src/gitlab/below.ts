import { z } from 'zod'
import { type GitLab, goneIfRefused } from './client.ts'

const schema = z.object({ id: z.number(), path_with_namespace: z.string() })

export type Named = { readonly id: number; readonly path: string }

/** The project of that path or number, or all that are in the group and its subgroups; archived ones can have no new hooks. */
export async function projectsBelow(gitlab: GitLab, name: string): Promise<readonly Named[] | 'gone'> {
  const project = await goneIfRefused(gitlab.call('GET', `projects/${encodeURIComponent(name)}`))
  if (project !== 'gone') return [named(project.body)]
  const found: Named[] = []
  for (let page = 1; ; page++) {
    // What other groups share with it is theirs.
    const query = {
      include_subgroups: 'true',
      with_shared: 'false',
      archived: 'false',
      simple: 'true',
      per_page: '100',
    }
    const call = gitlab.call('GET', `groups/${encodeURIComponent(name)}/projects`, {
      ...query,
      order_by: 'id',
      sort: 'asc',
      page: String(page),
    })
    const answer = await goneIfRefused(call)
    if (answer === 'gone') return 'gone'
    const rows = z.array(z.unknown()).parse(answer.body)
    found.push(...rows.map(named))
    if (rows.length < 100) return found
  }
}

function named(row: unknown): Named {
  const { id, path_with_namespace: path } = schema.parse(row)
  return { id, path }
}
