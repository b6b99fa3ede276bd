import { role, roles } from './access.ts'
import { recordActivity } from './activity.ts'
import { allowedPeople, tellAssignment } from './assignments.ts'
import type { Issue, Project } from './entities.ts'
import { labelIdsOf, recordLabelEvents } from './labels.ts'
import { nextIid } from './noteables.ts'
import { tellIssue } from './payloads.ts'
import { runQuickActions } from './quickActionEffects.ts'
import { extractQuickActions } from './quickActions.ts'
import { mentionTodos } from './todoRules.ts'
import { type Deed, now } from './world.ts'

/** What somebody asks for; labels and assignees of who may not set them are passed over. */
export type NewIssue = Pick<Issue, 'title' | 'description' | 'confidential' | 'issueType'> & {
  readonly labels: readonly string[]
  readonly assigneeIds: readonly number[]
}

/** Opens an issue; quick actions in its description are done afterwards. */
export async function createIssue(deed: Deed, project: Project, fields: NewIssue): Promise<Issue> {
  const { world, person } = deed
  const time = now()
  const { text, commands } = extractQuickActions(fields.description ?? '')
  const may = role(world, person, project) >= roles.planner
  const row = world.issues.insert({
    title: fields.title,
    confidential: fields.confidential,
    issueType: fields.issueType,
    state: 'opened',
    locked: false,
    updatedById: null,
    lastEditedAt: null,
    lastEditedById: null,
    closedAt: null,
    closedById: null,
    iid: nextIid(world.issues.filter((issue) => issue.projectId === project.id)),
    projectId: project.id,
    description: fields.description === null ? null : text,
    authorId: person.id,
    labelIds: may ? labelIdsOf(world, project, fields.labels) : [],
    assigneeIds: may ? allowedPeople(deed, fields.assigneeIds) : [],
    createdAt: time,
    updatedAt: time,
  })
  const opened = { type: 'Issue', row } as const
  recordLabelEvents(deed, project, { type: 'Issue', id: row.id }, [], row.labelIds)
  recordActivity(deed, project, opened, 'created')
  tellAssignment(deed, project, opened, [])
  mentionTodos(deed, project, opened, { text })
  tellIssue(deed, project, row, 'open', {})
  await runQuickActions(deed, project, opened, commands)
  return world.issues.get(row.id) ?? row
}
