/** Times are ISO 8601 with milliseconds, in UTC. Ids are GitLab's global ids; `iid` counts within a project. */
export type Time = string

/** Somebody with an account; `token`s are rows of their own. */
export type Person = {
  id: number
  username: string
  name: string
  bot: boolean
  admin: boolean
  state: 'active' | 'blocked' | 'banned' | 'deactivated'
  /** Sees internal projects only as a member; absent means no. */
  external?: boolean
  createdAt: Time
}

/** A personal or project access token, or an application's. Tokens that came from one another by rotation share a family. */
export type Token = {
  id: number
  personId: number
  projectId: number | null
  /** The application that got it for the person by OAuth; such a token lives two hours. */
  applicationId?: number
  name: string
  value: string
  family: number
  revoked: boolean
  scopes: string[]
  createdAt: Time
  expiresAt: string | null
}

/** A project and its one repository, `<id>.git`. */
export type Project = {
  id: number
  /** The full path of its group: `demo`, `demo/tools`. */
  namespace: string
  path: string
  name: string
  description: string | null
  visibility: 'private' | 'internal' | 'public'
  defaultBranch: string
  archived: boolean
  createdAt: Time
  updatedAt: Time
}

/** That a person belongs to a project, with GitLab's numeric role (10 guest … 50 owner). */
export type Member = { id: number; projectId: number; personId: number; accessLevel: number; createdAt: Time }

/** A project's label. */
export type Label = {
  id: number
  projectId: number
  name: string
  color: string
  description: string | null
  createdAt: Time
  updatedAt: Time
}

/** What issues and merge requests have in common. */
type Discussed = {
  id: number
  iid: number
  projectId: number
  title: string
  description: string | null
  authorId: number
  labelIds: number[]
  assigneeIds: number[]
  locked: boolean
  createdAt: Time
  updatedAt: Time
  updatedById: number | null
  /** When and by whom title or description were last changed; nothing else moves them. */
  lastEditedAt: Time | null
  lastEditedById: number | null
  closedAt: Time | null
  closedById: number | null
}

/** What kind of work item an issue is. */
export type IssueType = 'issue' | 'task' | 'incident'

/** An issue, or a work item that the issues' part of the API serves too. */
export type Issue = Discussed & { state: 'opened' | 'closed'; confidential: boolean; issueType: IssueType }

/** What a webhook shows of a merge request's newest commit. */
export type LastCommit = { id: string; message: string; timestamp: Time; author: { name: string; email: string } }

/** A merge request within one project. What git knows is kept here too, so that views and payloads need no git. */
export type MergeRequest = Discussed & {
  state: 'opened' | 'closed' | 'merged'
  sourceBranch: string
  targetBranch: string
  reviewerIds: number[]
  approvedByIds: number[]
  squash: boolean
  removeSourceBranch: boolean
  lastCommit: LastCommit
  diffRefs: { base: string; head: string; start: string }
  /** How many files differ, as GitLab's `changes_count` shows it. */
  changesCount: number
  conflicts: boolean
  mergedAt: Time | null
  mergedById: number | null
  mergeCommitSha: string | null
  squashCommitSha: string | null
}

/** The two things that can be commented on here. */
export type NoteableType = 'Issue' | 'MergeRequest'

/** Where a comment on a diff stands, in the words of GitLab's API, which are passed through unchanged. */
export type Position = Record<string, unknown>

/** A comment, or a system note. `type` null is an individual note. */
export type Note = {
  id: number
  projectId: number
  noteableType: NoteableType
  noteableId: number
  /** 40 hex digits, shared by the notes of one discussion. */
  discussionId: string
  type: null | 'DiscussionNote' | 'DiffNote'
  body: string
  authorId: number
  system: boolean
  internal: boolean
  position: Position | null
  /** `<sha1 of the path>_<old line>_<new line>`, of notes on a line of a diff. */
  lineCode: string | null
  createdAt: Time
  updatedAt: Time
  /** Who edited its text last; null while nobody did. */
  updatedById: number | null
  lastEditedAt: Time | null
  resolvedAt: Time | null
  resolvedById: number | null
}

/** What can be reacted to. */
export type AwardableType = NoteableType | 'Note'

/** A reaction. */
export type Award = {
  id: number
  projectId: number
  awardableType: AwardableType
  awardableId: number
  personId: number
  name: string
  createdAt: Time
}

/** That somebody put a label on, or took it off. */
export type LabelEvent = {
  id: number
  projectId: number
  resourceType: NoteableType
  resourceId: number
  labelId: number
  personId: number
  action: 'add' | 'remove'
  createdAt: Time
}

/** A branch, or a pattern of branches with `*`, that is protected; levels are the least roles, 0 means nobody. */
export type ProtectedBranch = {
  id: number
  projectId: number
  name: string
  pushLevel: number
  mergeLevel: number
  allowForcePush: boolean
}
