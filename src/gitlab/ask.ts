/** What has to be asked of GitLab before a delivery becomes a task: payloads can be old or forged, so nothing is taken from them. */

import type { NoteDelivery } from '../tasks/delivery.ts'
import type { FoundNote, Permission, Project, Who } from '../tasks/receive.ts'
import type { Person, Place, Subject } from '../tasks/task.ts'
import type { TaskId } from '../tasks/taskId.ts'
import { type GitLab, goneIfRefused } from './client.ts'
import { editorOf, isRewritten } from './edited.ts'
import { eachNote, findNote } from './note.ts'
import { findPipeline } from './pipeline.ts'
import { findDiscussion } from './reply.ts'
import { assignmentOf, labellingOf } from './setOn.ts'
import { findSubject } from './subject.ts'

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
    findNote: async (delivery: NoteDelivery): Promise<FoundNote | 'gone'> =>
      findNote(gitlab, delivery, (await me()).id),
    notesOn: async function* (place: Place): AsyncGenerator<FoundNote> {
      yield* eachNote(gitlab, place, (await me()).id)
    },
    project: (id: number | string) => findProject(gitlab, id),
    subject: (place: Place): Promise<Subject | 'gone'> => findSubject(gitlab, place),
    labelling: (place: Place, label: string) => labellingOf(gitlab, place, label),
    assignment: async (place: Place) => assignmentOf(gitlab, place, (await me()).username),
    pipeline: (projectId: number, id: number) => findPipeline(gitlab, projectId, id),
    hasBranch: async (projectId: number, name: string): Promise<boolean> =>
      (await goneIfRefused(gitlab.branches.show(projectId, name))) !== 'gone',
    answered: async (place: Place, id: TaskId): Promise<boolean> =>
      (await findDiscussion(gitlab, (await me()).id, place, id, 'reply')) !== undefined,
    seen: async ({ projectId, on, iid, note }: FoundNote['thread']): Promise<boolean> => {
      const awards = await goneIfRefused(gitlab.noteAwards[on].all(projectId, iid, note, { perPage: 100 }))
      const { id } = await me()
      return awards !== 'gone' && awards.some(({ name, user }) => name === 'eyes' && user.id === id)
    },
    permission: (projectId: number, person: Pick<Person, 'id' | 'username'>, who: Who) =>
      permission(gitlab, projectId, person, who),
    isMaintainer: async (projectId: number, userId: number) =>
      ((await member(gitlab, projectId, userId))?.level ?? 0) >= MAINTAINER,
    editorOf: (noteId: number) => editorOf(gitlab, noteId),
    isRewritten: (place: Place) => isRewritten(gitlab, place),
    isBot: async (userId: number) => {
      const user = await goneIfRefused(gitlab.users.show(userId))
      return user !== 'gone' && user.bot === true
    },
  }
}

export type Ask = ReturnType<typeof createAsk>

async function whoAmI(gitlab: GitLab): Promise<Person> {
  const { id, username, name } = await gitlab.users.showCurrentUser()
  return { id, username, name }
}

async function findProject(gitlab: GitLab, id: number | string): Promise<(Project & { readonly id: number }) | 'gone'> {
  const project = await goneIfRefused(gitlab.projects.show(id))
  if (project === 'gone') return 'gone'
  const { path_with_namespace: path, default_branch: branch, archived, visibility } = project
  return {
    id: project.id,
    path,
    defaultBranch: branch === null || branch === '' ? undefined : branch,
    archived: archived === true,
    isPrivate: visibility === 'private',
  }
}

async function member(gitlab: GitLab, projectId: number, userId: number) {
  const found = await goneIfRefused(gitlab.members.show(projectId, userId, { includeInherited: true }))
  return found === 'gone' ? undefined : { level: Number(found.access_level), state: found.state }
}

/** Looked up live, and denied when the lookup says nothing: a payload's role could be forged, a cached one old. */
async function permission(
  gitlab: GitLab,
  projectId: number,
  { id, username }: Pick<Person, 'id' | 'username'>,
  { level, people }: Who,
): Promise<Permission> {
  const found = await member(gitlab, projectId, id)
  if (found === undefined) return { may: false, refusal: { why: 'not-a-member', needs: level } }
  if (found.state !== 'active') return { may: false, refusal: { why: 'not-active', state: found.state } }
  if (found.level < level) return { may: false, refusal: { why: 'role', has: found.level, needs: level } }
  const listed = people === undefined || people.some((name) => name.toLowerCase() === username.toLowerCase())
  return listed ? { may: true, level: found.level } : { may: false, refusal: { why: 'not-listed' } }
}
