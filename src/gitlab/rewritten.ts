import type { GitLab } from './client.ts'
import { GitLabError } from './requester.ts'

/**
 * Whether a push took commits off its branch: GitLab is asked where `before` and `after` meet (house.md, Branches). That is
 * `before` itself, unless it was rewritten. Commits that have nothing in common, or that GitLab cannot find any more, do not meet.
 */
export async function isRewritten(gitlab: GitLab, projectId: number, before: string, after: string): Promise<boolean> {
  try {
    return (await gitlab.repositories.mergeBase(projectId, [before, after])).id !== before
  } catch (error) {
    if (error instanceof GitLabError && error.byApi && (error.status === 400 || error.status === 404)) return true
    throw error
  }
}
