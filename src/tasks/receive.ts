/** The way in: something GitLab told us → a stored task, a remark, an order to a task, an answer, or a reason why not. */

import type { Delivery, NoteDelivery } from './delivery.ts'
import type { Entry, FailedPipeline, Refusal } from './entry.ts'
import { fromItem } from './fromItem.ts'
import { fromNote } from './fromNote.ts'
import { fromPipeline } from './fromPipeline.ts'
import type { GitLabThread, MergeWishes, Person, Place, Subject, Task } from './task.ts'
import type { TaskId } from './taskId.ts'

/** A note as GitLab has it now, with the discussion it stands in. */
export type FoundNote = {
  readonly thread: GitLabThread & { readonly note: number; readonly discussion: string }
  readonly body: string
  readonly author: Person
  readonly createdAt: number
  readonly system: boolean
  /** Whether it is a comment of its own, and not part of a thread. */
  readonly alone: boolean
  /** The discussion's notes before it that people wrote. */
  readonly earlier: readonly {
    readonly note: number
    readonly author: Person
    readonly body: string
    readonly createdAt: number
  }[]
  /** What our own markers in this discussion say; they survive an emptied Redis. */
  readonly marked: Marked
}

export type Marked = {
  /** Tasks that are spoken about here, in order. */
  readonly tasks: readonly TaskId[]
  /** Tasks that have their last word here. */
  readonly answered: readonly TaskId[]
  /** Notes that a last word answers, besides the one a task is named after. */
  readonly notes: readonly number[]
  /** When our last words were written. */
  readonly at: readonly number[]
}

export type Project = {
  readonly path: string
  readonly defaultBranch: string | undefined
  readonly archived: boolean
  /** Whether only its members can read it. */
  readonly isPrivate: boolean
}

/** `level`: GitLab's number of the role that the person has. */
export type Permission =
  | { readonly may: true; readonly level: number }
  | { readonly may: false; readonly refusal: Refusal }

/** How work is done in a project: what the operator set, as far as the project's own file may change it. */
export type Ways = {
  /** What a command begins with; our own mention comes to it. */
  readonly trigger: string
  readonly agent: string
  /** Those that a comment may name; `agent` is among them. */
  readonly agents: readonly string[]
  readonly model?: string | undefined
  /** US dollars a task may cost, and the most that may be asked for. */
  readonly budget: number
  readonly budgetMax: number
  /** Calls of the model that a task may make, and seconds that the agent may work on it, where the project sets less than the operator. */
  readonly turns?: number | undefined
  readonly time?: number | undefined
  /** The name of its image in the operator's list. */
  readonly image?: string | undefined
  /** Of the operator's MCP servers, those that agents get; all otherwise. */
  readonly tools?: readonly string[] | undefined
  /** Where the set-up script is, and what every agent is told. */
  readonly setup?: string | undefined
  readonly instructions?: string | undefined
  /** Where merge requests go, unless a request says so itself; the default branch otherwise. */
  readonly base?: string | undefined
  readonly labels: { readonly todo: string; readonly doing: string; readonly done: string; readonly failed: string }
  /** How often a failed pipeline is repaired without being asked. */
  readonly pipelineTries: number
  readonly merge: MergeWishes
  readonly who: Who
  /** What in the project's file was not understood. */
  readonly hints: readonly string[]
}

/** Who may ask: everybody from a role on (GitLab's number), or of these only the people named. */
export type Who = { readonly level: number; readonly people?: readonly string[] | undefined }

export type Received =
  | { readonly received: 'new'; readonly entry: Entry }
  | { readonly received: 'known'; readonly id: TaskId }
  | { readonly received: 'ignored'; readonly why: string }

export type ReceiveNeeds = {
  /** Our own user: what it writes is never a command. */
  me(): Promise<Person>
  now(): number
  findNote(delivery: NoteDelivery): Promise<FoundNote | 'gone'>
  project(id: number): Promise<Project | 'gone'>
  ways(projectId: number): Promise<Ways>
  subject(place: Place): Promise<Subject | 'gone'>
  permission(projectId: number, person: Person, who: Who): Promise<Permission>
  isMaintainer(projectId: number, userId: number): Promise<boolean>
  isBot(userId: number): Promise<boolean>
  /** The user name of whoever edited a note last; undefined where nobody did, or GitLab does not tell. */
  editorOf(noteId: number): Promise<string | undefined>
  /** Whether the description was changed after it was written, by anybody. */
  isRewritten(place: Place): Promise<boolean>
  /** The newest time that the label was set on the place, by whom. */
  labelling(
    place: Place,
    label: string,
  ): Promise<{ readonly id: number; readonly by: Person; readonly at: number } | undefined>
  /** The newest system note that says that we were assigned. */
  assignment(place: Place): Promise<{ readonly id: number; readonly by: Person; readonly at: number } | undefined>
  pipeline(projectId: number, id: number): Promise<FoundPipeline | 'gone'>
  /** Whether our last word about it stands on the place; our own mark survives an emptied Redis. */
  answered(place: Place, id: TaskId): Promise<boolean>
  /** Whether our 👀 is on the comment, as an order has it that was carried out. */
  seen(thread: FoundNote['thread']): Promise<boolean>
  exists(id: TaskId): Promise<boolean>
  get(id: TaskId): Promise<Entry | undefined>
  /** Creates the record and wakes it; false when it was there. */
  create(entry: Entry): Promise<boolean>
  /** In the order in which they were asked. */
  tasksOn(place: Place): Promise<readonly Task[]>
  lastOnBranch(projectId: number, branch: string): Promise<Task | undefined>
  /** What was answered in this discussion, the newest last. */
  answersIn(thread: GitLabThread): Promise<readonly Entry[]>
  /** Whether this person was refused here in words within the hour, by another comment than `id`. */
  refusedLately(id: TaskId, place: Place, person: Person): Promise<boolean>
}

export type FoundPipeline = FailedPipeline & {
  readonly failed: boolean
  readonly branch: string
  readonly commit: string
  /** The names of the jobs that fail in the newest pipeline of this branch too. */
  failsOn(branch: string): Promise<readonly string[]>
}

export async function receive(delivery: Delivery, needs: ReceiveNeeds): Promise<readonly Received[]> {
  switch (delivery.kind) {
    case 'note':
      return [await fromNote(delivery, needs)]
    case 'item':
      return fromItem(delivery, needs)
    case 'pipeline':
      return [await fromPipeline(delivery, needs)]
  }
}

/** Keeps what came of a delivery; made twice, it is known the second time. */
export async function keep(entry: Entry | string, needs: ReceiveNeeds): Promise<Received> {
  if (typeof entry === 'string') return ignored(entry)
  return (await needs.create(entry)) ? { received: 'new', entry } : { received: 'known', id: entry.id }
}

export function ignored(why: string): Received {
  return { received: 'ignored', why }
}
