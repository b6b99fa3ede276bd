import {
  Branches,
  IssueAwardEmojis,
  IssueDiscussions,
  IssueLabelEvents,
  IssueNoteAwardEmojis,
  IssueNotes,
  Issues,
  Jobs,
  MergeRequestAwardEmojis,
  MergeRequestDiscussions,
  MergeRequestNoteAwardEmojis,
  MergeRequests,
  Pipelines,
  ProjectHooks,
  ProjectMembers,
  Projects,
  Repositories,
  RepositoryFiles,
  Users,
} from '@gitbeaker/rest'
import type { GitLabThread } from '../tasks/task.ts'
import { callDirectly, createRequester, isRefusal, type Pace } from './requester.ts'

/** The parts of GitLab's API that we use. `new Gitlab()` would build about 150 of them, in 20 ms and 1.6 MiB. */
export type GitLab = ReturnType<typeof connectGitLab>

/** `url` without a trailing slash; `token` is asked for at every call, since it may be rotated. */
export function connectGitLab(url: string, token: () => Promise<string>, pace: Pace) {
  const options = { host: url, token, requesterFn: createRequester(pace), queryTimeout: null, rateLimits: {} }
  return {
    url,
    graphql: async (query: string, variables: Record<string, unknown>) =>
      (await callDirectly(url, 'POST', 'api/graphql', await token(), pace, { body: { query, variables } })).body,
    /** `path` below `api/v4`, for what has no method here, or where the answer's headers count, or no more than `most` bytes of it. */
    call: async (method: 'GET' | 'POST', path: string, query: Record<string, string> = {}, most?: number) =>
      callDirectly(url, method, `api/v4/${path}`, await token(), pace, {
        query: String(new URLSearchParams(query)),
        most,
      }),
    users: new Users(options),
    members: new ProjectMembers(options),
    projects: new Projects(options),
    hooks: new ProjectHooks(options),
    branches: new Branches(options),
    repositories: new Repositories(options),
    files: new RepositoryFiles(options),
    issues: new Issues(options),
    issueNotes: new IssueNotes(options),
    labelEvents: new IssueLabelEvents(options),
    pipelines: new Pipelines(options),
    jobs: new Jobs(options),
    mergeRequests: new MergeRequests(options),
    discussions: { issue: new IssueDiscussions(options), merge_request: new MergeRequestDiscussions(options) },
    awards: { issue: new IssueAwardEmojis(options), merge_request: new MergeRequestAwardEmojis(options) },
    noteAwards: { issue: new IssueNoteAwardEmojis(options), merge_request: new MergeRequestNoteAwardEmojis(options) },
  }
}

export async function goneIfRefused<T>(call: Promise<T>): Promise<T | 'gone'> {
  try {
    return await call
  } catch (error) {
    if (isRefusal(error)) return 'gone'
    throw error
  }
}

/**
 * 👀, 👎 on the note that asked, or where none did on the issue or merge request: placing one that stands there already is answered
 * with 404 and is no mistake; on a deleted note there is nobody to see it.
 */
export async function react(gitlab: GitLab, { on, projectId, iid, note }: GitLabThread, emoji: string): Promise<void> {
  const call =
    note === undefined
      ? gitlab.awards[on].award(projectId, iid, emoji)
      : gitlab.noteAwards[on].award(projectId, iid, note, emoji)
  await goneIfRefused<unknown>(call)
}
