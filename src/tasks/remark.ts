/**
 * Comments without a command, in discussions that the bot takes part in. Each has a record of its own; once there was quiet for a while, all
 * that nobody answered yet become one follow-up, found by asking GitLab: what was never delivered is among them.
 */

import { findChain, tasksIn } from './chains.ts'
import { type Answer, type Entry, placeOf, type RemarkEntry, remarkId, type Wish } from './entry.ts'
import { commandIn, type Heard } from './fromNote.ts'
import { newTask } from './newTask.ts'
import type { FoundNote, Project, ReceiveNeeds, Ways } from './receive.ts'
import { type GitLabThread, isFinal, type Person, type Place, type Subject, type Task } from './task.ts'
import { taskId } from './taskId.ts'

/** Milliseconds back from now in which an unanswered comment is still waited on. */
const DAY = 24 * 3600 * 1000
/** Characters of all remarks of a follow-up together, and of each at least, that it keeps. */
const MOST = 60_000
const LEAST = 2_000

/** Whether the comment stands where an answer of ours is expected, and its writer may ask. */
export async function fromRemark(heard: Heard, needs: ReceiveNeeds): Promise<Entry | string> {
  const { found, me, ways, tasks } = heard
  const { thread, author } = found
  const subject = thread.on === 'merge_request' ? await needs.subject(thread) : undefined
  if (subject === 'gone') return 'what the comment stands under is gone'
  const why = notForUs(found, tasksIn(tasks, thread).length > 0, subject, me)
  if (why !== undefined) return why
  const permission = await needs.permission(thread.projectId, author, ways.who)
  if (!permission.may) return 'its writer may not ask, and it is no command'
  return {
    kind: 'remark',
    id: remarkId(thread.projectId, thread.note),
    thread,
    by: author,
    createdAt: needs.now(),
    seen: false,
    done: false,
  }
}

/** Why a comment is not meant for us, if it is not: pure. `involved`: a task of ours was asked in its discussion. */
function notForUs(
  { alone, marked, body }: Pick<FoundNote, 'alone' | 'marked' | 'body'>,
  involved: boolean,
  subject: Subject | undefined,
  me: Person,
): string | undefined {
  const ours = involved || marked.tasks.length > 0
  const review = subject?.author.id === me.id && !alone
  if (!ours && !review) return 'it has no command, and is no reply to us'
  const addressed = /^\s*@([\w.-]+)/.exec(body)?.[1]
  if (addressed !== undefined && addressed.toLowerCase() !== me.username.toLowerCase())
    return `it speaks to @${addressed}`
  return undefined
}

export type RemarkNeeds = Pick<
  ReceiveNeeds,
  'me' | 'now' | 'project' | 'ways' | 'subject' | 'permission' | 'isBot' | 'editorOf' | 'tasksOn' | 'create' | 'exists'
> & {
  update(entry: RemarkEntry, change: (newest: RemarkEntry) => RemarkEntry): Promise<RemarkEntry>
  react(thread: GitLabThread): Promise<void>
  /** When the newest remark on this place reached us. */
  lastRemarkAt(place: Place): Promise<number>
  /** Every note of the place that people wrote, as `findNote` gives them. */
  notesOn(place: Place): AsyncIterable<FoundNote>
  /** Milliseconds without a further comment, after which a follow-up is formed: a review arrives as many comments at once. */
  readonly quiet: number
}

export async function lookAtRemark(first: RemarkEntry, needs: RemarkNeeds): Promise<void> {
  if (first.done) return
  let entry = first
  if (!entry.seen) {
    await needs.react(entry.thread)
    entry = await needs.update(entry, (newest) => ({ ...newest, seen: true }))
  }
  const place = placeOf(entry.thread)
  const tasks = await needs.tasksOn(place)
  if (!isTaken(tasks, entry.thread.note)) {
    const scope = entry.thread.on === 'issue' ? tasksIn(tasks, entry.thread) : tasks
    // What is said while the agent works waits for its end: one follow-up after the other.
    if (scope.some(({ state }) => !isFinal(state))) return
    if (needs.now() - (await needs.lastRemarkAt(place)) < needs.quiet) return
    if (!(await formFollowUp(entry, tasks, needs)) && needs.now() - entry.createdAt < DAY) return
  }
  await needs.update(entry, (newest) => ({ ...newest, done: true }))
}

function isTaken(tasks: readonly Task[], note: number): boolean {
  return tasks.some(({ remarks = [] }) => remarks.some((remark) => remark.note === note))
}

/** Whether the remark is dealt with: a follow-up has it, or it is none any more. */
async function formFollowUp(entry: RemarkEntry, tasks: readonly Task[], needs: RemarkNeeds): Promise<boolean> {
  const { thread } = entry
  const place = placeOf(thread)
  const [me, project, subject] = await Promise.all([needs.me(), needs.project(place.projectId), needs.subject(place)])
  // What cannot be read now may be read later.
  if (project === 'gone' || subject === 'gone') return false
  if (project.archived || project.defaultBranch === undefined) return true
  const ways = await needs.ways(place.projectId)
  const around = {
    tasks,
    subject,
    me,
    ways,
    levelOf: remembered((person) => levelOf(person, place.projectId, ways, needs)),
  }
  const open: FoundNote[] = []
  let listed = false
  for await (const note of needs.notesOn(place)) {
    listed = true
    if (place.on === 'issue' && note.thread.discussion !== thread.discussion) continue
    if (await isOpen(note, entry, around, needs)) open.push(note)
  }
  const [leader] = open.sort((a, b) => a.thread.note - b.thread.note)
  if (leader === undefined || !open.some((note) => note.thread.note === thread.note)) return listed
  const chain = await findChain(leader, tasks, subject, me, needs)
  const level = (await around.levelOf(leader.author)) ?? 0
  const making = { ...around, level, project, defaultBranch: project.defaultBranch, chain, now: needs.now() }
  await needs.create(followUp(leader, open, making))
  // Somebody else may have been faster, with an older list.
  return isTaken(await needs.tasksOn(place), thread.note) || (await needs.exists(followUpId(leader)))
}

type Around = {
  readonly tasks: readonly Task[]
  readonly subject: Subject
  readonly me: Person
  readonly ways: Ways
  /** The number of their role, where they may ask. */
  levelOf(person: Person): Promise<number | undefined>
}

async function isOpen(note: FoundNote, entry: RemarkEntry, around: Around, needs: RemarkNeeds): Promise<boolean> {
  const { tasks, subject, me, ways, levelOf } = around
  const { thread, author, body, marked, createdAt } = note
  const isOwn = thread.note === entry.thread.note
  if (note.system || author.id === me.id || (!isOwn && needs.now() - createdAt > DAY)) return false
  if (isTaken(tasks, thread.note) || marked.notes.includes(thread.note)) return false
  const involved = tasksIn(tasks, thread)
  // In somebody else's thread, what was said before we were first asked is not said to us.
  const asked = involved.flatMap((task) =>
    task.thread.discussion === thread.discussion && task.thread.note !== undefined ? [task.thread.note] : [],
  )
  if (asked.length > 0 && thread.note <= Math.min(...asked)) return false
  if (notForUs(note, involved.length > 0, subject, me) !== undefined || commandIn(body, me, ways) !== undefined)
    return false
  if (/<!-- errand:\S/.test(body) || (await levelOf(author)) === undefined) return false
  // Who may edit the comments of others could speak for them.
  const editor = await needs.editorOf(thread.note)
  return editor === undefined || editor === author.username
}

async function levelOf(
  person: Person,
  projectId: number,
  { who }: Ways,
  needs: RemarkNeeds,
): Promise<number | undefined> {
  if (await needs.isBot(person.id)) return undefined
  const permission = await needs.permission(projectId, person, who)
  return permission.may ? permission.level : undefined
}

/** Each person is asked about once. */
function remembered<T>(ask: (person: Person) => Promise<T>): (person: Person) => Promise<T> {
  const known = new Map<number, Promise<T>>()
  return (person) => {
    const answer = known.get(person.id) ?? ask(person)
    known.set(person.id, answer)
    return answer
  }
}

function followUpId(leader: FoundNote): string {
  return taskId(leader.thread.projectId, 'note', leader.thread.note)
}

/** A task for all of them; where more people would read of it than were meant to, the question whether to begin. */
function followUp(
  leader: FoundNote,
  notes: readonly FoundNote[],
  around: Around & {
    readonly level: number
    readonly project: Project
    readonly defaultBranch: string
    readonly chain: Parameters<typeof newTask>[0]['chain']
    readonly now: number
  },
): Task | Answer {
  const { subject, ways, level, project, defaultBranch, chain, now } = around
  const { thread } = leader
  const id = followUpId(leader)
  const text = (body: string) => body.slice(0, Math.max(LEAST, MOST / notes.length))
  const wish: Wish = {
    prompt: notes.map(({ body }) => text(body)).join('\n\n'),
    mode: 'do',
    remarks: notes.map(({ thread, author, body }) => ({
      note: thread.note,
      discussion: thread.discussion,
      by: author,
      text: text(body),
    })),
  }
  const discreet = subject.confidential || thread.internal
  if (discreet && !project.isPrivate && chain?.discreet !== true) {
    const saying = { say: 'ask-first', wish } as const
    return { kind: 'answer', id, thread, to: leader.author, saying, trigger: ways.trigger, createdAt: now, done: false }
  }
  return newTask({
    id,
    occasion: 'note',
    askedAt: Math.max(...notes.map(({ createdAt }) => createdAt)),
    thread,
    asker: leader.author,
    level,
    wish,
    repository: project.path,
    defaultBranch,
    subject,
    ways,
    chain,
    discreet,
    now,
  })
}
