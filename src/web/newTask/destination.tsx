import type { ProjectView } from '../../http/taskView.ts'
import { visible } from '../visible.ts'
import type { Draft } from './draft.ts'

/** Where the result will appear, before anything is sent. */
export function Destination({ draft, project }: { draft: Draft; project: ProjectView | undefined }) {
  const path = project === undefined ? 'the project' : visible(project.path)
  const base = visible(draft.branch.trim() || project?.defaultBranch || 'the default branch')
  return (
    <p className="destination">
      {draft.plan ? (
        <>
          The plan appears on the task’s page, which opens now. Nothing in <b>{path}</b> is changed.
        </>
      ) : (
        <>
          A branch from <b>{base}</b> in <b>{path}</b>, and a merge request to <b>{base}</b> that you review. You watch
          it on the task’s page, which opens now; from the merge request on, GitLab tells you too.
        </>
      )}
    </p>
  )
}
