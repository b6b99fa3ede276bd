/** A wish of a person, and where it was made → a task. */

import type { Saying, Wish } from './entry.ts'
import { pin } from './pinned.ts'
import type { Project, Ways } from './receive.ts'
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
  readonly level: number
  readonly wish: Wish
  readonly repository: string
  readonly defaultBranch: string
  readonly subject: Pick<Subject, 'title' | 'base' | 'branch' | 'mergeRequest'>
  readonly ways: Ways
  readonly chain?: Chain | undefined
  readonly remarks?: Task['remarks']
  readonly discreet?: boolean
  readonly labelled?: boolean
  /** On the page: a digest of what was asked. */
  readonly asking?: string
  readonly now: number
}

export type Forming = Omit<Making, 'repository' | 'defaultBranch'> & {
  readonly project: Project
  /** Not everybody who can read the project can read where it is asked; whether it was agreed that they will read of it. */
  readonly confidential: boolean
  readonly agreed?: boolean
}

/** Why a wish comes to no task. */
export type Unfit = Extract<Saying, { say: 'over-budget' | 'no-agent' | 'empty-repository' | 'ask-first' }>

/** What in a wish goes beyond what the project's ways allow. */
export function unfit({ budget = 0, agent }: Wish, { budgetMax: most, agents }: Ways): readonly Unfit[] {
  return [
    ...(budget > most ? [{ say: 'over-budget', asked: budget, most } as const] : []),
    ...(agent === undefined || agents.includes(agent) ? [] : [{ say: 'no-agent', agent, agents } as const]),
  ]
}

/** A wish of somebody who may ask, however it came: a task, or what has to be said instead. */
export function formTask({ project, confidential, agreed, ...making }: Forming): Task | Unfit {
  const { wish, ways, chain } = making
  const [why] = unfit(wish, ways)
  if (why !== undefined) return why
  if (project.defaultBranch === undefined) return { say: 'empty-repository' }
  const asked = agreed === true || chain?.discreet === true
  if (confidential && !project.isPrivate && !asked) return { say: 'ask-first', wish }
  const discreet = confidential || making.discreet === true
  return newTask({ ...making, repository: project.path, defaultBranch: project.defaultBranch, discreet })
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
    onPage: making.thread.on === 'page' ? true : undefined,
    asking: making.asking,
    repository: making.repository,
    asker: making.asker,
    level: making.level,
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
    // On the page there is nothing to react to, and what is tried again there has its reaction.
    reacted: making.occasion === 'page',
    cleaned: false,
  }
}
