/** The way in: something GitLab told us → a stored task, an order to a task, an answer, or a reason why not. */

import { parseCommand } from './command.ts'
import type { Entry, Refusal, Saying, Told } from './entry.ts'
import { isFinal, noteTaskId, type Person, type Task, type TaskId, type Thread } from './task.ts'

/** What the hook translated: only ids, since a payload can be old or forged. Everything else is asked for. */
export type Delivery = {
  readonly kind: 'note'
  readonly projectId: number
  readonly on: 'issue' | 'merge_request'
  readonly iid: number
  readonly noteId: number
  /** A hint, absent in old GitLabs. */
  readonly discussion?: string | undefined
}

/** A note as GitLab has it now, with the discussion it stands in. */
export type FoundNote = {
  readonly thread: Thread
  readonly body: string
  readonly author: Person
  readonly system: boolean
  /** Names of tasks that were answered for good in this discussion by our own markers; they survive an emptied Redis. */
  readonly answered: readonly TaskId[]
}

export type Project = {
  readonly path: string
  readonly defaultBranch: string | undefined
  readonly archived: boolean
}

/** What the comment is about, and the branch that work on it goes to, if that is not a new one. */
export type Subject = {
  readonly title: string
  readonly base: string | undefined
  readonly branch: string | undefined
  readonly mergeRequest: { readonly iid: number; readonly url: string } | undefined
}

export type Permission = { readonly may: true } | { readonly may: false; readonly refusal: Refusal }

export type Received =
  | { readonly received: 'new'; readonly entry: Entry }
  | { readonly received: 'known'; readonly id: TaskId }
  | { readonly received: 'ignored'; readonly why: string }

export type ReceiveNeeds = {
  /** Our own user: what it writes is never a command. */
  me(): Promise<Person>
  readonly trigger: string
  readonly agent: string
  now(): number
  findNote(delivery: Delivery): Promise<FoundNote | 'gone'>
  project(id: number): Promise<Project | 'gone'>
  subject(thread: Thread): Promise<Subject | 'gone'>
  permission(projectId: number, userId: number): Promise<Permission>
  isMaintainer(projectId: number, userId: number): Promise<boolean>
  isBot(userId: number): Promise<boolean>
  exists(id: TaskId): Promise<boolean>
  /** Creates the record and wakes it; false when it was there. */
  create(entry: Entry): Promise<boolean>
  tasksOn(thread: Thread): Promise<readonly Task[]>
  /** Whether this person was refused here in words within the hour, by another comment than `id`. */
  refusedLately(id: TaskId, thread: Thread, person: Person): Promise<boolean>
}

export async function receive(delivery: Delivery, needs: ReceiveNeeds): Promise<Received> {
  const id = noteTaskId(delivery.projectId, delivery.noteId)
  if (await needs.exists(id)) return { received: 'known', id }
  const [me, found] = await Promise.all([needs.me(), needs.findNote(delivery)])
  if (found === 'gone') return ignored('the comment is gone, or we may not see it')
  if (found.system) return ignored('GitLab wrote it itself')
  if (found.author.id === me.id) return ignored('we wrote it ourselves')
  const command = parseCommand(found.body, needs.trigger)
  if (command === undefined) return ignored(`no ${needs.trigger} at the start of a line`)
  if (found.answered.includes(id)) return ignored('it was answered before, as its thread shows')
  if (await needs.isBot(found.author.id)) return ignored('a bot wrote it')
  const entry = await entryFor(id, command, found, needs)
  if (typeof entry === 'string') return ignored(entry)
  return (await needs.create(entry)) ? { received: 'new', entry } : { received: 'known', id }
}

async function entryFor(
  id: TaskId,
  command: NonNullable<ReturnType<typeof parseCommand>>,
  { thread, author }: FoundNote,
  needs: ReceiveNeeds,
): Promise<Entry | string> {
  const { projectId } = thread
  const answer = (saying: Saying): Entry => ({
    kind: 'answer',
    id,
    thread,
    to: author,
    saying,
    createdAt: needs.now(),
    done: false,
  })
  const project = await needs.project(projectId)
  if (project === 'gone') return 'the project is gone, or we may not see it'
  // Nothing can be written to an archived project, not even a refusal.
  if (project.archived) return 'the project is archived'
  const permission = await needs.permission(projectId, author.id)
  if (!permission.may) {
    const again = await needs.refusedLately(id, thread, author)
    return answer(again ? { say: 'refused-again' } : { say: 'refused', why: permission.refusal })
  }
  switch (command.command) {
    case 'help':
      return answer({ say: 'help' })
    case 'misspelt':
      return answer({ say: 'misspelt', word: command.word, nearest: command.nearest })
    case 'too-long':
      return answer({ say: 'too-long', bytes: command.bytes, limit: command.limit })
    case 'too-far':
      return answer({ say: 'too-far', limit: command.limit })
    case 'status':
      return answer({ say: 'status', tasks: (await needs.tasksOn(thread)).map(told) })
    case 'stop': {
      const target = chooseTarget(await needs.tasksOn(thread), thread)
      if (Array.isArray(target)) {
        return answer(target.length === 0 ? { say: 'nothing-to-stop' } : { say: 'which', tasks: target.map(told) })
      }
      const may = target.asker.id === author.id || (await needs.isMaintainer(projectId, author.id))
      if (!may) return answer({ say: 'not-yours', asker: target.asker.username })
      return { kind: 'order', id, thread, by: author, target: target.id, createdAt: needs.now(), done: false }
    }
    case 'prompt': {
      const subject = await needs.subject(thread)
      if (subject === 'gone') return 'what the comment stands under is gone'
      if (project.defaultBranch === undefined) return answer({ say: 'empty-repository' })
      return newTask(id, command.prompt, thread, author, project.path, project.defaultBranch, subject, needs)
    }
  }
}

/** An order means the task of its own thread, elsewhere the one that is live; several are given back to be asked about. */
function chooseTarget(tasks: readonly Task[], thread: Thread): Task | (readonly Task[] & unknown[]) {
  const live = tasks.filter(({ state }) => !isFinal(state))
  const here = live.filter((task) => task.thread.discussion === thread.discussion)
  const [only, ...others] = here.length > 0 ? here : live
  if (only === undefined) return []
  return others.length === 0 ? only : [only, ...others]
}

function told({ id, state, prompt, asker }: Task): Told {
  return { id, state, prompt, asker: asker.username }
}

function newTask(
  id: TaskId,
  prompt: string,
  thread: Thread,
  asker: Person,
  repository: string,
  defaultBranch: string,
  subject: Subject,
  needs: ReceiveNeeds,
): Task {
  const now = needs.now()
  return {
    kind: 'task',
    id,
    thread,
    repository,
    asker,
    prompt,
    about: subject.title,
    branch: subject.branch ?? `agent/${id}`,
    base: subject.base ?? defaultBranch,
    defaultBranch,
    agent: needs.agent,
    mode: 'do',
    first: id,
    createdAt: now,
    state: 'queued',
    since: now,
    attempt: 0,
    attemptAt: now,
    launched: false,
    mergeRequest: subject.mergeRequest,
    reacted: false,
    cleaned: false,
  }
}

function ignored(why: string): Received {
  return { received: 'ignored', why }
}
