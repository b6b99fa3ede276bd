/**
 * What the hook missed: the same deliveries, found by asking. GitLab sends an event once, whatever becomes of it (gitlab.md §1.3). Edits
 * are not found: they start nothing. Failed deliveries are not sent again: that needs a Maintainer's token, is allowed five times a
 * minute, and leaves out what was dropped before it was sent; what was in them is found here as well.
 */

import { type Delivery, describeDelivery } from '../tasks/delivery.ts'
import { placeOf } from '../tasks/entry.ts'
import { commandIn } from '../tasks/fromNote.ts'
import type { Ways } from '../tasks/receive.ts'
import type { Person } from '../tasks/task.ts'
import type { Changed } from './changes.ts'
import type { GitLab } from './client.ts'
import { failedPipelines } from './failedPipelines.ts'
import { newNotes } from './newNotes.ts'
import type { Changes } from './ourChanges.ts'
import { GitLabError } from './requester.ts'

export type SweepNeeds = {
  readonly gitlab: GitLab
  readonly changes: Changes
  me(): Promise<Person>
  /** Milliseconds that a hook gets to be first. */
  readonly headStart: number
  /** Up to when everything was found, in milliseconds since 1970 by GitLab's clock; undefined when nobody knows. */
  watermark(): Promise<number | undefined>
  finished(watermark: number): Promise<void>
  /** Which of these have not reached us: deliveries by their names, and what the sweep itself has settled. */
  unheard(names: readonly string[]): Promise<ReadonlySet<string>>
  hear(name: string): Promise<void>
  ways(projectId: number): Promise<WaysOfAsking>
  /** Where tasks were asked for since then. */
  projectsSince(time: number): Promise<readonly number[]>
  deliver(delivery: Delivery): Promise<void>
  /** Aborted, the sweep ends after what it is looking at, and is not finished. */
  readonly signal: AbortSignal
}

/** What in a project asks for us: the word and the label. */
type WaysOfAsking = Pick<Ways, 'trigger' | 'labels'>

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
/** A comment moves the time at which its issue changed only where that is more than a minute ago (GitLab's ThrottledTouch). */
const THROTTLE = MINUTE
/** For what was written before a sweep began and could be read only after it, and for servers whose clocks differ. */
const OVERLAP = MINUTE
/** An older watermark is a backup's rather than an outage's. */
const FARTHEST = 7 * DAY

/** Gives how many deliveries it found. */
export async function sweep(needs: SweepNeeds): Promise<number> {
  const now = Date.now()
  const me = await needs.me()
  const since = Math.max((await needs.watermark()) ?? now - DAY, now - FARTHEST)
  const round = { me, since, ways: remembering(needs.ways), found: 0, sick: [] }
  const until = await lookIntoChanges(round, needs)
  if (until === undefined) return round.found
  for (const projectId of await needs.projectsSince(until - DAY)) {
    const failed = await failedPipelines(needs.gitlab, projectId, me.username, { since, until })
    for (const pipelineId of failed) await deliver({ kind: 'pipeline', projectId, pipelineId }, round, needs)
  }
  if (round.sick.length > 0)
    throw new AggregateError(round.sick, `${round.sick.length} could not be looked into; the first: ${round.sick[0]}`)
  await needs.finished(until - OVERLAP)
  return round.found
}

type Round = {
  readonly me: Person
  readonly since: number
  readonly ways: SweepNeeds['ways']
  found: number
  readonly sick: unknown[]
}
type Window = { readonly since: number; readonly until: number }

/** Gives up to when it has looked; undefined where it was interrupted. */
async function lookIntoChanges(round: Round, needs: SweepNeeds): Promise<number | undefined> {
  const { since } = round
  let until: number | undefined
  for (const on of ['issue', 'merge_request'] as const) {
    for await (const { changed, date } of needs.changes(on, since - THROTTLE)) {
      until ??= date - needs.headStart
      const unsettled = await needs.unheard(changed.map(settled))
      for (const thing of changed) {
        if (needs.signal.aborted) return undefined
        if (!unsettled.has(settled(thing))) continue
        await lookInto(thing, { since, until }, round, needs).catch((error: unknown) => {
          // What makes GitLab itself stumble must not keep all others from being found.
          if (error instanceof GitLabError && error.status !== 500) throw error
          round.sick.push(error)
        })
      }
    }
  }
  return until
}

async function lookInto(thing: Changed, window: Window, round: Round, needs: SweepNeeds): Promise<void> {
  const place = placeOf(thing)
  const opened = thing.createdAt >= window.since
  if (await asks(thing, opened, window, round)) await deliver({ kind: 'item', ...place, opened }, round, needs)
  for (const noteId of await newNotes(needs.gitlab, place, window, round.me.id))
    await deliver({ kind: 'note', ...place, noteId }, round, needs)
  // Whatever is said from now on moves its time.
  if (thing.updatedAt + THROTTLE < window.until) await needs.hear(settled(thing))
}

/** Whether something other than a comment asks for us; when and who is asked later, and whether it is known. */
async function asks(
  { projectId, on, open, updatedAt, description, labels, assignees }: Changed,
  opened: boolean,
  { until }: Window,
  { me, ways }: Round,
): Promise<boolean> {
  if (!open || updatedAt > until) return false
  if (on === 'issue' && assignees.includes(me.id)) return true
  if (opened && description !== '' && commandIn(description, me, await ways(projectId)) !== undefined) return true
  return on === 'issue' && labels.length > 0 && labels.includes((await ways(projectId)).labels.todo)
}

async function deliver(delivery: Delivery, round: Round, needs: SweepNeeds): Promise<void> {
  // An item may ask more than once in its life, and its name is the same each time.
  if (delivery.kind !== 'item') {
    const name = describeDelivery(delivery)
    if (!(await needs.unheard([name])).has(name)) return
  }
  await needs.deliver({ ...delivery, found: true })
  round.found += 1
}

/** Its name, and when it last changed. */
function settled({ projectId, on, iid, updatedAt }: Changed): string {
  return `${projectId}-${on}-${iid}:${updatedAt}`
}

function remembering(ask: SweepNeeds['ways']): SweepNeeds['ways'] {
  const known = new Map<number, Promise<WaysOfAsking>>()
  return (projectId) => {
    const answer = known.get(projectId) ?? ask(projectId)
    known.set(projectId, answer)
    return answer
  }
}
