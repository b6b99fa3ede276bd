/** A comment → what it asks for. */

import { chainOf, findChain, stillOpen } from './chains.ts'
import { parseCommand } from './command.ts'
import type { Flags } from './commandFlags.ts'
import type { Command } from './commandWords.ts'
import { type NoteDelivery, noteRecords } from './delivery.ts'
import { type Answer, type Entry, placeOf, type Saying, type Wish } from './entry.ts'
import { formTask } from './newTask.ts'
import { fromOrder } from './orders.ts'
import { type FoundNote, ignored, keep, type Project, type Received, type ReceiveNeeds, type Ways } from './receive.ts'
import { fromRemark } from './remark.ts'
import type { Person, Task } from './task.ts'
import { type TaskId, taskId } from './taskId.ts'

/** Milliseconds for which a comment that nobody told us of is taken up when a later one of its thread comes. */
const DAY = 24 * 3600 * 1000
/** Who answers our last word within so many milliseconds has not read it: that is a program, and two would never end. */
const READING = 2000
/** So often in one thread; who writes commands may have prepared them. */
const HASTY = { remarks: 2, commands: 4 }

/** What is known of a comment's surroundings when it is judged. */
export type Heard = {
  readonly id: TaskId
  readonly found: FoundNote
  readonly me: Person
  readonly project: Project
  readonly ways: Ways
  readonly tasks: readonly Task[]
}

/** Its writer may ask, with this role (GitLab's number). */
export type Allowed = Heard & { readonly level: number }

export async function fromNote(delivery: NoteDelivery, needs: ReceiveNeeds): Promise<Received> {
  const records = noteRecords(delivery.projectId, delivery.noteId)
  // A remark that is edited into a command gets the hint, too.
  for (const id of delivery.edited === true ? records.slice(0, 1) : records) {
    if (await needs.exists(id)) return { received: 'known', id }
  }
  const [me, found] = await Promise.all([needs.me(), needs.findNote(delivery)])
  if (found === 'gone') return ignored('the comment is gone, or we may not see it')
  const ways = await needs.ways(delivery.projectId)
  // What stands above it in its thread was written before it, in whatever order the two reached us.
  for (const { note, createdAt, body } of found.earlier) {
    if (needs.now() - createdAt > DAY || commandIn(body, me, ways) === undefined) continue
    if (found.marked.answered.includes(taskId(delivery.projectId, 'note', note))) continue
    await receiveNote({ ...delivery, noteId: note, edited: undefined }, me, needs)
  }
  return receiveNote(delivery, me, needs, found)
}

async function receiveNote(
  delivery: NoteDelivery,
  me: Person,
  needs: ReceiveNeeds,
  known?: FoundNote,
): Promise<Received> {
  const [id, remark] = noteRecords(delivery.projectId, delivery.noteId)
  if (known === undefined && ((await needs.exists(id)) || (await needs.exists(remark))))
    return { received: 'known', id }
  const found = known ?? (await needs.findNote(delivery))
  if (found === 'gone') return ignored('the comment is gone, or we may not see it')
  const silent = await mayBeIgnored(id, found, me, needs)
  if (silent !== undefined) return ignored(silent)
  const project = await needs.project(delivery.projectId)
  if (project === 'gone') return ignored('the project is gone, or we may not see it')
  // Nothing can be written to an archived project, not even a refusal.
  if (project.archived) return ignored('the project is archived')
  const ways = await needs.ways(delivery.projectId)
  const heard = { id, found, me, project, ways, tasks: await needs.tasksOn(placeOf(found.thread)) }
  const command = commandIn(found.body, me, ways)
  if (isHasty(found, command !== undefined))
    return ignored('its writer answers us faster than anybody reads: a program, and it would never end')
  if (delivery.edited === true && command === undefined) return ignored('it was edited, and is no command')
  if (command === undefined) return keep(await fromRemark(heard, needs), needs)
  // Its words are the writer's, or nobody's: who may edit comments of others could speak for them.
  const editor = await needs.editorOf(delivery.noteId)
  const another = editor !== undefined && editor !== found.author.username
  if (delivery.edited === true || another) return keep(answer(heard, { say: 'edited-into' }, needs), needs)
  return keep(await fromCommand(command, heard, needs), needs)
}

/** `/agent` as the project calls it, or `@our-name`. */
export function commandIn(body: string, me: Person, { trigger }: Pick<Ways, 'trigger'>): Command | undefined {
  return parseCommand(body, [trigger, `@${me.username}`])
}

async function mayBeIgnored(id: TaskId, { author, body, system, marked }: FoundNote, me: Person, needs: ReceiveNeeds) {
  if (system) return 'GitLab wrote it itself'
  if (author.id === me.id) return 'we wrote it ourselves'
  if (marked.answered.includes(id)) return 'it was answered before, as its thread shows'
  if (/<!-- errand:\S/.test(body)) return 'another Errand wrote it'
  if (await needs.isBot(author.id)) return 'a bot wrote it'
  return undefined
}

/** Whether this must be a program that answers us. */
function isHasty({ author, earlier, createdAt, marked }: FoundNote, isCommand: boolean): boolean {
  // The last words of ours that its writer answered in haste, this time included.
  const own = [...earlier.filter((one) => one.author.id === author.id).map((one) => one.createdAt), createdAt]
  const hasty = own.map((written) => marked.at.findLast((at) => written >= at && written - at < READING))
  const times = new Set(hasty.filter((at) => at !== undefined)).size
  return hasty.at(-1) !== undefined && times >= (isCommand ? HASTY.commands : HASTY.remarks)
}

async function fromCommand(command: Command, heard: Heard, needs: ReceiveNeeds): Promise<Entry | string> {
  const { id, found, ways } = heard
  const { thread, author } = found
  const permission = await needs.permission(thread.projectId, author, ways.who)
  if (!permission.may) {
    const again = await needs.refusedLately(id, thread, author)
    return answer(heard, { say: again ? 'refused-again' : 'refused', why: permission.refusal }, needs)
  }
  const allowed = { ...heard, level: permission.level }
  const said = sayingOf(command)
  if (said !== undefined) return answer(heard, said, needs)
  switch (command.command) {
    case 'prompt':
    case 'plan':
      return taskFor(wishOf(command), allowed, needs)
    case 'status':
    case 'stop':
    case 'retry':
    case 'go':
    case 'budget':
    case 'model':
      return fromOrder(command, allowed, needs)
    case 'help':
    case 'misspelt':
    case 'bad-flag':
    case 'incomplete':
    case 'too-long':
    case 'too-far':
      throw new Error(`${command.command} is said`)
  }
}

/** What is only said in answer to a command, if that is so. */
export function sayingOf(command: Command): Saying | undefined {
  switch (command.command) {
    case 'help':
      return { say: 'help' }
    case 'misspelt':
      return { say: 'misspelt', word: command.word, nearest: command.nearest }
    case 'bad-flag': {
      const { command: _, ...flag } = command
      return { say: 'bad-flag', ...flag }
    }
    case 'incomplete':
      return { say: 'incomplete', what: command.what }
    case 'too-long':
      return { say: 'too-long', bytes: command.bytes, limit: command.limit }
    case 'too-far':
      return { say: 'too-far', limit: command.limit }
    case 'prompt':
    case 'plan':
    case 'status':
    case 'stop':
    case 'retry':
    case 'go':
    case 'budget':
    case 'model':
      return undefined
  }
}

/** What the words ask for, and what their flags say about how. */
export function wishOf({ command, prompt, flags }: Extract<Command, { command: 'prompt' | 'plan' }>): Wish {
  return { prompt, mode: command === 'plan' ? 'plan' : 'do', ...flagged(flags) }
}

/** Flags as a part of a wish. */
export function flagged({ agent, model, branch, budget, draft }: Flags): Partial<Wish> {
  return {
    ...(agent === undefined ? {} : { agent }),
    ...(model === undefined ? {} : { model }),
    ...(branch === undefined ? {} : { base: branch }),
    ...(budget === undefined ? {} : { budget }),
    ...(draft === undefined ? {} : { merge: { draft } }),
  }
}

export function answer({ id, found, ways }: Heard, saying: Saying, needs: ReceiveNeeds): Answer {
  const { thread, author: to } = found
  return { kind: 'answer', id, thread, to, saying, trigger: ways.trigger, createdAt: needs.now(), done: false }
}

/** `agreed`: that more people will read of it. `last`: the task to go on with; otherwise thread and branch tell. */
type How = { readonly agreed?: boolean; readonly last?: Task }

/** A task for this comment; it goes on with what its thread or merge request is about, if that is still open. */
export async function taskFor(wish: Wish, heard: Allowed, needs: ReceiveNeeds, how: How = {}): Promise<Entry | string> {
  const { id, found, me, project, ways, tasks, level } = heard
  const { thread } = found
  const subject = await needs.subject(thread)
  if (subject === 'gone') return 'what the comment stands under is gone'
  const chain =
    how.last === undefined
      ? await findChain(found, tasks, subject, me, needs)
      : await stillOpen(chainOf(how.last), thread.projectId, needs)
  const made = formTask({
    id,
    occasion: 'note',
    askedAt: found.createdAt,
    thread,
    asker: found.author,
    level,
    wish,
    project,
    subject,
    ways,
    chain,
    confidential: subject.confidential || thread.internal,
    agreed: how.agreed === true,
    discreet: how.last?.discreet === true,
    now: needs.now(),
  })
  return 'say' in made ? answer(heard, made, needs) : made
}
