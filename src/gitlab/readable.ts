import type { Person } from '../tasks/task.ts'
import { type GitLab, goneIfRefused } from './client.ts'

/** The least role that reads the code of a private project. */
const REPORTER = 20

/** A project that somebody may read. */
export type ReadableProject = { readonly id: number; readonly path: string }

/**
 * The project, if this person may read its code, looked up live (house.md, Other projects); otherwise the words why not. The
 * bot's own right is no reason: whoever can ask it would read with its eyes. `named` is its id or path, as `group/project`.
 */
export async function readableProject(
  gitlab: GitLab,
  named: string,
  { id, username }: Pick<Person, 'id' | 'username'>,
): Promise<ReadableProject | string> {
  const project = await goneIfRefused(gitlab.projects.show(named))
  if (project === 'gone')
    return `${named} is not there, or Errand may not read it: its bot needs to be a Reporter there`
  const found = { id: project.id, path: project.path_with_namespace }
  const code = project.repository_access_level
  if (code === 'disabled') return `${found.path} has no repository`
  if (code !== 'private' && project.visibility === 'public') return found
  if (code !== 'private' && project.visibility === 'internal') {
    // Only administrators are told who is external, and reads no internal project: to another bot nobody is.
    const person = await goneIfRefused(gitlab.users.show(id))
    if (person !== 'gone' && person.state === 'active' && person.external !== true) return found
  }
  const member = await goneIfRefused(gitlab.members.show(found.id, id, { includeInherited: true }))
  const may = member !== 'gone' && member.state === 'active' && Number(member.access_level) >= REPORTER
  return may ? found : `@${username}, who asked for this, may not read ${found.path}`
}
