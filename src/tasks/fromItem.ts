/** An issue or merge request that was opened, labelled or assigned → a task for each that asks for one. */

import type { Command } from './commandWords.ts'
import type { ItemDelivery } from './delivery.ts'
import { type Entry, placeOf, type Saying, type Wish } from './entry.ts'
import { commandIn, sayingOf, wishOf } from './fromNote.ts'
import { formTask } from './newTask.ts'
import { ignored, keep, type Project, type Received, type ReceiveNeeds, type Ways } from './receive.ts'
import type { GitLabThread, Person, Subject } from './task.ts'
import { type Occasion, taskId } from './taskId.ts'

type Cause = {
  readonly occasion: Occasion
  readonly id: number
  readonly by: Person
  readonly at: number
  readonly asks: Wish | Saying
}

export async function fromItem(delivery: ItemDelivery, needs: ReceiveNeeds): Promise<readonly Received[]> {
  const place = placeOf(delivery)
  const [me, project, subject] = await Promise.all([needs.me(), needs.project(place.projectId), needs.subject(place)])
  if (project === 'gone' || subject === 'gone') return [ignored('it is gone, or we may not see it')]
  if (project.archived) return [ignored('the project is archived')]
  if (!subject.open) return [ignored('it is closed')]
  const ways = await needs.ways(place.projectId)
  const causes = await causesOf(delivery, subject, ways, me, needs)
  const received: Received[] = []
  for (const cause of causes) received.push(await fromCause(cause, delivery, { subject, project, ways, me }, needs))
  return received.length > 0 ? received : [ignored('nothing in it asks for us')]
}

async function causesOf(
  delivery: ItemDelivery,
  subject: Subject,
  ways: Ways,
  me: Person,
  needs: ReceiveNeeds,
): Promise<readonly Cause[]> {
  const place = placeOf(delivery)
  const causes: Cause[] = []
  const command = delivery.opened && subject.author.id !== me.id ? commandIn(subject.description, me, ways) : undefined
  if (command !== undefined) {
    const asks = (await needs.isRewritten(place)) ? ({ say: 'edited-into' } as const) : askedBy(command)
    if (asks !== undefined)
      causes.push({ occasion: place.on, id: place.iid, by: subject.author, at: subject.createdAt, asks })
  }
  if (place.on !== 'issue') return causes
  const wish: Wish = { prompt: `${subject.title}\n\n${subject.description}`.trim(), mode: 'do', fromDescription: true }
  const { todo } = ways.labels
  if (subject.labels.includes(todo) && delivery.labels?.includes(todo) !== false) {
    const set = await needs.labelling(place, todo)
    if (set !== undefined) causes.push({ occasion: 'label', ...set, asks: wish })
  }
  if (subject.assignees.includes(me.id) && delivery.assignees?.includes(me.id) !== false) {
    const set = await needs.assignment(place)
    if (set !== undefined) causes.push({ occasion: 'assignment', ...set, asks: wish })
  }
  return causes
}

/** What a command in a description asks for: there is nothing yet that an order could mean. */
function askedBy(command: Command): Wish | Saying | undefined {
  if (command.command === 'prompt' || command.command === 'plan') return wishOf(command)
  return sayingOf(command)
}

type Around = { readonly subject: Subject; readonly project: Project; readonly ways: Ways; readonly me: Person }

async function fromCause(cause: Cause, delivery: ItemDelivery, around: Around, needs: ReceiveNeeds): Promise<Received> {
  const place = placeOf(delivery)
  const id = taskId(place.projectId, cause.occasion, cause.id)
  if (await needs.exists(id)) return { received: 'known', id }
  if (cause.by.id === around.me.id || (await needs.isBot(cause.by.id))) return ignored('a bot did it')
  if (await needs.answered(place, id)) return ignored('it was answered before, as a thread there shows')
  return keep(await entryFor(id, cause, { ...place, internal: false }, around, needs), needs)
}

async function entryFor(
  id: string,
  cause: Cause,
  thread: GitLabThread,
  { subject, project, ways }: Around,
  needs: ReceiveNeeds,
): Promise<Entry> {
  const answer = (saying: Extract<Entry, { kind: 'answer' }>['saying']): Entry => ({
    kind: 'answer',
    id,
    thread,
    to: cause.by,
    saying,
    trigger: ways.trigger,
    createdAt: needs.now(),
    done: false,
  })
  const permission = await needs.permission(thread.projectId, cause.by, ways.who)
  if (!permission.may) {
    const again = await needs.refusedLately(id, thread, cause.by)
    return answer({ say: again ? 'refused-again' : 'refused', why: permission.refusal })
  }
  if ('say' in cause.asks) return answer(cause.asks)
  const wish = cause.asks
  const made = formTask({
    id,
    occasion: cause.occasion,
    askedAt: cause.at,
    thread,
    asker: cause.by,
    level: permission.level,
    wish,
    project,
    subject,
    ways,
    confidential: subject.confidential,
    labelled: cause.occasion === 'label',
    now: needs.now(),
  })
  return 'say' in made ? answer(made) : made
}
