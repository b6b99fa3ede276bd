/** What has to be asked of GitLab before a comment becomes a task: payloads can be old or forged, so nothing is taken from them. */

import type { Delivery, FoundNote, Permission, Project, Subject } from '../tasks/receive.ts'
import type { Person, Thread } from '../tasks/task.ts'
import { type GitLab, goneIfRefused } from './client.ts'
import { type Discussion, eachDiscussion, getDiscussion, isInternal } from './discussion.ts'
import { answeredIn } from './marker.ts'

const DEVELOPER = 30
const MAINTAINER = 40

export function createAsk(gitlab: GitLab) {
  let self: Promise<Person> | undefined
  const me = (): Promise<Person> => {
    self ??= whoAmI(gitlab).catch((error: unknown) => {
      self = undefined
      throw error
    })
    return self
  }
  return {
    me,
    findNote: async (delivery: Delivery) => findNote(gitlab, delivery, (await me()).id),
    project: (id: number) => findProject(gitlab, id),
    subject: (thread: Thread) => findSubject(gitlab, thread),
    permission: (projectId: number, userId: number) => permission(gitlab, projectId, userId),
    isMaintainer: async (projectId: number, userId: number) =>
      ((await member(gitlab, projectId, userId))?.level ?? 0) >= MAINTAINER,
    isBot: async (userId: number) => {
      const user = await goneIfRefused(gitlab.users.show(userId))
      return user !== 'gone' && user.bot === true
    },
  }
}

async function whoAmI(gitlab: GitLab): Promise<Person> {
  const { id, username, name } = await gitlab.users.showCurrentUser()
  return { id, username, name }
}

async function findNote(gitlab: GitLab, delivery: Delivery, me: number): Promise<FoundNote | 'gone'> {
  const { projectId, on, iid, noteId } = delivery
  const discussion = await discussionOf(gitlab, delivery)
  const note = discussion?.notes.find(({ id }) => id === noteId)
  if (discussion === undefined || note === undefined) return 'gone'
  const { id, username, name } = note.author
  return {
    thread: { projectId, on, iid, discussion: discussion.id, note: noteId, internal: isInternal(discussion) },
    body: note.body,
    author: { id, username, name },
    system: note.system,
    answered: answeredIn(discussion, me),
  }
}

/** The payload's discussion id is tried first; GitLabs before 17 do not send one, and a forged one does not hold the note. */
async function discussionOf(gitlab: GitLab, delivery: Delivery): Promise<Discussion | undefined> {
  const holds = ({ notes }: Discussion) => notes.some(({ id }) => id === delivery.noteId)
  if (delivery.discussion !== undefined) {
    const named = await getDiscussion(gitlab, { ...delivery, discussion: delivery.discussion })
    if (named !== 'gone' && holds(named)) return named
  }
  for await (const discussion of eachDiscussion(gitlab, delivery)) if (holds(discussion)) return discussion
  return undefined
}

async function findProject(gitlab: GitLab, id: number): Promise<Project | 'gone'> {
  const project = await goneIfRefused(gitlab.projects.show(id))
  if (project === 'gone') return 'gone'
  const { path_with_namespace: path, default_branch: branch, archived } = project
  return { path, defaultBranch: branch === null || branch === '' ? undefined : branch, archived: archived === true }
}

/** On a merge request of the same project the work goes to its own branch, unless that is protected. */
async function findSubject(gitlab: GitLab, { projectId, on, iid }: Thread): Promise<Subject | 'gone'> {
  if (on === 'issue') {
    const issue = await goneIfRefused(gitlab.issues.show(iid, { projectId }))
    if (issue === 'gone') return 'gone'
    return { title: issue.title, base: undefined, branch: undefined, mergeRequest: undefined }
  }
  const found = await goneIfRefused(gitlab.mergeRequests.show(projectId, iid))
  if (found === 'gone') return 'gone'
  const { title, source_branch: source, target_branch: target } = found
  const foreign = found.source_project_id !== found.target_project_id
  const closed = found.state !== 'opened'
  if (foreign || closed) return { title, base: target, branch: undefined, mergeRequest: undefined }
  const branch = await goneIfRefused(gitlab.branches.show(projectId, source))
  if (branch === 'gone') return { title, base: target, branch: undefined, mergeRequest: undefined }
  if (branch.protected) return { title, base: source, branch: undefined, mergeRequest: undefined }
  return { title, base: target, branch: source, mergeRequest: { iid, url: found.web_url } }
}

async function member(gitlab: GitLab, projectId: number, userId: number) {
  const found = await goneIfRefused(gitlab.members.show(projectId, userId, { includeInherited: true }))
  return found === 'gone' ? undefined : { level: Number(found.access_level), state: found.state }
}

/** Looked up live, and denied when the lookup says nothing: a payload's role could be forged, a cached one old. */
async function permission(gitlab: GitLab, projectId: number, userId: number): Promise<Permission> {
  const found = await member(gitlab, projectId, userId)
  if (found === undefined) return { may: false, refusal: { why: 'not-a-member', needs: DEVELOPER } }
  if (found.state !== 'active') return { may: false, refusal: { why: 'not-active', state: found.state } }
  if (found.level < DEVELOPER) return { may: false, refusal: { why: 'role', has: found.level, needs: DEVELOPER } }
  return { may: true }
}
