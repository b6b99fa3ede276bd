/** A wish of a person, and where it was made → a task. */

import type { Saying, Wish } from './entry.ts'
import { pin } from './pinned.ts'
import type { Ways } from './receive.ts'
import type { Person, Subject, Task, Thread } from './task.ts'
import type { Occasion, TaskId } from './taskId.ts'

/** The branch, merge request and session that a task goes on with. */
export type Chain = {
  readonly first: TaskId
  readonly last?: TaskId | undefined
  readonly branch: string
  /** Absent where Redis has forgotten it. */
  readonly base?: string | undefined
  readonly mergeRequest?: Task['mergeRequest']
  readonly agent?: string | undefined
  readonly discreet?: boolean | undefined
  readonly labelled?: boolean | undefined
  /** Whether work is on the branch. */
  readonly holdsWork?: boolean | undefined
}

export type Making = {
  readonly id: TaskId
  readonly occasion: Occasion
  readonly askedAt: number
  readonly thread: Thread
  readonly asker: Person
  readonly wish: Wish
  readonly repository: string
  readonly defaultBranch: string
  readonly subject: Subject
  readonly ways: Ways
  readonly chain?: Chain | undefined
  readonly remarks?: Task['remarks']
  readonly discreet?: boolean
  readonly labelled?: boolean
  readonly now: number
}

/** Why a wish comes to no task here, if that is so. */
export function unfit({ budget = 0, agent }: Wish, { budgetMax: most, agents }: Ways): Saying | undefined {
  if (budget > most) return { say: 'over-budget', asked: budget, most }
  return agent === undefined || agents.includes(agent) ? undefined : { say: 'no-agent', agent, agents }
}

export function newTask(making: Making): Task {
  const { id, wish, subject, ways, chain, now } = making
  // A session is the agent's own: another one could not go on with it.
  const agent = wish.agent ?? chain?.agent ?? ways.agent
  return {
    kind: 'task',
    id,
    occasion: making.occasion,
    askedAt: making.askedAt,
    thread: making.thread,
    repository: making.repository,
    asker: making.asker,
    prompt: wish.prompt,
    fromDescription: wish.fromDescription,
    remarks: making.remarks ?? wish.remarks,
    about: subject.title,
    branch: chain?.branch ?? subject.branch ?? `agent/${id}`,
    base:
      chain?.base ??
      (subject.branch === undefined ? wish.base : undefined) ??
      subject.base ??
      ways.base ??
      making.defaultBranch,
    defaultBranch: making.defaultBranch,
    agent,
    // A model's name means something to its own agent alone.
    model: wish.model ?? (agent === ways.agent ? ways.model : undefined),
    mode: wish.mode,
    goOn: wish.goOn,
    budget: wish.budget ?? ways.budget,
    continues: chain?.last,
    holdsWork: chain?.holdsWork,
    first: chain?.first ?? id,
    discreet: making.discreet === true || chain?.discreet === true ? true : undefined,
    labelled: making.labelled === true || chain?.labelled === true ? true : undefined,
    hints: ways.hints.length === 0 ? undefined : ways.hints,
    merge: { ...ways.merge, ...wish.merge },
    ways: pin(ways),
    createdAt: now,
    state: 'queued',
    since: now,
    attempt: 0,
    attemptAt: now,
    launched: false,
    mergeRequest: chain === undefined ? subject.mergeRequest : chain.mergeRequest,
    reacted: false,
    cleaned: false,
  }
}
