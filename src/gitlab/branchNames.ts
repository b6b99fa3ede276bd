import { type GitLab, goneIfRefused } from './client.ts'

/** As many as somebody can choose among. */
const SHOWN = 50

/** Branches whose name has the text in it, by GitLab's own order. */
export async function branchNames(gitlab: GitLab, projectId: number, search: string): Promise<readonly string[]> {
  const found = await goneIfRefused(
    gitlab.branches.all(projectId, {
      ...(search === '' ? {} : { search }),
      perPage: SHOWN,
      maxPages: 1,
      pagination: 'offset',
    }),
  )
  return found === 'gone' ? [] : found.map(({ name }) => name)
}
