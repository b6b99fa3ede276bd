import type { Note, NoteableType, Project, Time } from './entities.ts'
import type { Noteable, PushedBranch } from './payloads.ts'
import { type Deed, now } from './world.ts'

/** What a contribution event tells of, by GitLab's names of the filter `action`. */
export const activityActions = ['created', 'closed', 'reopened', 'merged', 'commented', 'pushed'] as const

/** One of these. */
export type ActivityAction = (typeof activityActions)[number]

/** A contribution event: what GitLab shows on a project's activity page. */
export type Activity = {
  id: number
  projectId: number
  personId: number
  action: ActivityAction
  targetType: NoteableType | 'Note' | null
  targetId: number | null
  /** Of a push only. */
  push: (PushedBranch & { commitCount: number }) | null
  createdAt: Time
}

/** Writes down what somebody did with an issue or merge request. */
export function recordActivity(deed: Deed, project: Project, { type, row }: Noteable, action: ActivityAction): void {
  record(deed, project, { action, targetType: type, targetId: row.id, push: null })
}

/** Writes down a comment. */
export function recordComment(deed: Deed, project: Project, note: Note): void {
  record(deed, project, { action: 'commented', targetType: 'Note', targetId: note.id, push: null })
}

/** Writes down a push to one branch. */
export function recordPush(deed: Deed, project: Project, branch: PushedBranch, commitCount: number): void {
  const { ref, before, after } = branch
  record(deed, project, {
    action: 'pushed',
    targetType: null,
    targetId: null,
    push: { ref, before, after, commitCount },
  })
}

type Fields = Pick<Activity, 'action' | 'targetType' | 'targetId' | 'push'>

function record({ world, person }: Deed, project: Project, fields: Fields): void {
  world.activities.insert({ ...fields, projectId: project.id, personId: person.id, createdAt: now() })
}
