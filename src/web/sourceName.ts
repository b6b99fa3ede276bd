import type { TaskSummary } from '../http/taskView.ts'

/** `issue #7`, `!12` or `this page`: where it was asked, as GitLab calls it. Pure. */
export function sourceName({ on, url }: TaskSummary['source']): string {
  if (on === 'page') return 'this page'
  const iid = /\/(?:issues|work_items|merge_requests)\/(\d+)/.exec(url ?? '')?.[1]
  if (on === 'issue') return iid === undefined ? 'an issue' : `issue #${iid}`
  return iid === undefined ? 'a merge request' : `!${iid}`
}
