import { canRead, canReadIssue, fullPath, projectNamed } from './access.ts'
import type { Issue, MergeRequest, Project } from './entities.ts'
import { discussionType, noteOf, notesField, noteType, userType } from './graphqlNotes.ts'
import { connectionOf, type GraphqlContext, type GraphqlType, pageArgs, paged, pageInfo } from './graphqlTypes.ts'

/** A part of a work item. */
type Widget = { readonly __typename: string; readonly type: string; readonly issue: Issue }

const query: GraphqlType = {
  currentUser: { type: 'UserCore', get: (_: null, _args, { visitor }) => visitor },
  project: {
    args: { fullPath: 'ID!' },
    type: 'Project',
    get: (_: null, { fullPath: path }, { world, visitor }) => projectNamed(world, visitor, String(path)),
  },
  note: { args: { id: 'NoteID!' }, type: 'Note', get: (_: null, { id }, context) => noteOf(context, Number(id)) },
  issue: { args: { id: 'IssueID!' }, type: 'Issue', get: (_: null, { id }, context) => issueOf(context, Number(id)) },
  workItem: {
    args: { id: 'WorkItemID!' },
    type: 'WorkItem',
    get: (_: null, { id }, context) => issueOf(context, Number(id)),
  },
  mergeRequest: {
    args: { id: 'MergeRequestID!' },
    type: 'MergeRequest',
    get: (_: null, { id }, context) => mergeRequestOf(context, Number(id)),
  },
}

const project: GraphqlType = {
  id: { get: ({ id }: Project) => `gid://gitlab/Project/${id}` },
  name: { get: ({ name }: Project) => name },
  fullPath: { get: (row: Project) => fullPath(row) },
  issue: {
    args: { iid: 'String' },
    type: 'Issue',
    get: (row: Project, { iid }, context) => issuesOf(context, row, iid)[0],
  },
  workItems: {
    args: { ...pageArgs, iid: 'String' },
    type: 'WorkItemConnection',
    get: (row: Project, args, context) => paged(issuesOf(context, row, args.iid), args),
  },
  mergeRequest: {
    args: { iid: 'String!' },
    type: 'MergeRequest',
    get: ({ id }: Project, { iid }, { world }) =>
      world.mergeRequests.find((row) => row.projectId === id && String(row.iid) === iid),
  },
}

/** What issues, work items and merge requests have in common. */
function thing(name: string): GraphqlType {
  type Thing = Issue | MergeRequest
  return {
    id: { get: ({ id }: Thing) => `gid://gitlab/${name}/${id}` },
    iid: { get: ({ iid }: Thing) => String(iid) },
    title: { get: ({ title }: Thing) => title },
    description: { get: ({ description }: Thing) => description },
    createdAt: { get: ({ createdAt }: Thing) => createdAt },
    updatedAt: { get: ({ updatedAt }: Thing) => updatedAt },
    author: { type: 'UserCore', get: ({ authorId }: Thing, _, { world }) => world.people.get(authorId) },
  }
}

const widgetType: GraphqlType = { type: { get: ({ type }: Widget) => type } }

/**
 * The part of GitLab's schema that tells what was edited, by its reference of 19.4. `Issue` and `MergeRequest` have no
 * `lastEditedAt` there: an issue's is at the description widget of the work item of the same number, a merge request's nowhere.
 */
export const graphqlSchema: Readonly<Record<string, GraphqlType>> = {
  Query: query,
  Project: project,
  Issue: {
    ...thing('Issue'),
    ...notesField('Issue'),
    updatedBy: { type: 'UserCore', get: ({ updatedById }: Issue, _, { world }) => world.people.get(updatedById ?? 0) },
    confidential: { get: ({ confidential }: Issue) => confidential },
  },
  MergeRequest: { ...thing('MergeRequest'), ...notesField('MergeRequest') },
  WorkItem: { ...thing('WorkItem'), widgets: { type: 'WorkItemWidget', get: (issue: Issue) => widgetsOf(issue) } },
  WorkItemConnection: connectionOf('WorkItem'),
  WorkItemWidget: widgetType,
  WorkItemWidgetAssignees: widgetType,
  WorkItemWidgetLabels: widgetType,
  WorkItemWidgetDescription: {
    ...widgetType,
    description: { get: ({ issue }: Widget) => issue.description },
    edited: { get: ({ issue }: Widget) => issue.lastEditedAt !== null },
    lastEditedAt: { get: ({ issue }: Widget) => issue.lastEditedAt },
    lastEditedBy: {
      type: 'UserCore',
      get: ({ issue }: Widget, _, { world }) => world.people.get(issue.lastEditedById ?? 0),
    },
  },
  Note: noteType,
  NoteConnection: connectionOf('Note'),
  Discussion: discussionType,
  UserCore: userType,
  PageInfo: pageInfo,
}

function widgetsOf(issue: Issue): Widget[] {
  return ['Assignees', 'Description', 'Labels'].map((name) => {
    return { __typename: `WorkItemWidget${name}`, type: name.toUpperCase(), issue }
  })
}

function issuesOf({ world, visitor }: GraphqlContext, row: Project, iid: unknown): Issue[] {
  return world.issues.filter(
    (issue) =>
      issue.projectId === row.id &&
      (iid === undefined || String(issue.iid) === iid) &&
      canReadIssue(world, visitor, row, issue),
  )
}

function issueOf({ world, visitor }: GraphqlContext, id: number): Issue | null {
  const issue = world.issues.get(id)
  const row = issue === undefined ? undefined : world.projects.get(issue.projectId)
  if (issue === undefined || row === undefined || !canRead(world, visitor, row)) return null
  return canReadIssue(world, visitor, row, issue) ? issue : null
}

function mergeRequestOf({ world, visitor }: GraphqlContext, id: number): MergeRequest | null {
  const merge = world.mergeRequests.get(id)
  const row = merge === undefined ? undefined : world.projects.get(merge.projectId)
  return merge !== undefined && row !== undefined && canRead(world, visitor, row) ? merge : null
}
