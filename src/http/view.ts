/** Task → what this person is shown of it. Pure. */

import { isPlan, isRetriable } from '../tasks/orders.ts'
import { isFinal, type Shows, type Task } from '../tasks/task.ts'
import type { Beside, LogFacts } from './apiNeeds.ts'
import type { RunPhase, TaskSummary, TaskView } from './taskView.ts'
import { timeline } from './timeline.ts'

/** `reads`: this person may also read what not everybody may. */
export type Seeing = { readonly reads: boolean; readonly gitlab: string; readonly now: number }

/** Instead of the words of a task that not everybody may read. */
const HIDDEN = '(not for everybody)'
const PROMPT_SHOWN = 500
const TITLE_SHOWN = 120

/** Whether not everybody who can read its project may read what was asked. */
function isDiscreet({ discreet, thread }: Task): boolean {
  return discreet === true || thread.internal
}

export function taskSummary(task: Task, beside: Beside, { reads, gitlab, now }: Seeing): TaskSummary {
  const { end, endedAt, asker } = task
  const title = task.about === '' ? firstLine(task.prompt) : task.about
  return {
    id: task.id,
    prompt: reads ? cut(task.prompt, PROMPT_SHOWN) : HIDDEN,
    title: reads ? title : HIDDEN,
    repository: task.repository,
    projectId: task.thread.projectId,
    branch: end?.outcome?.pushed?.branch ?? task.branch,
    base: task.base,
    status: task.state,
    statusSince: iso(task.since),
    cause: causeOf(task),
    paused: isPaused(task),
    doing: reads ? doing(task, beside) : null,
    agent: task.agent,
    model: task.model ?? null,
    mode: task.mode,
    jobName: task.attempt === 0 ? null : `${task.id}-${task.attempt}`,
    attempt: task.attempt,
    durationSeconds: Math.max(0, Math.round(((endedAt ?? now) - task.createdAt) / 1000)),
    createdAt: iso(task.createdAt),
    startedAt: task.startedAt === undefined ? null : iso(task.startedAt),
    endedAt: endedAt === undefined ? null : iso(endedAt),
    mergeRequestUrl: task.mergeRequest?.url ?? null,
    asker: { username: asker.username, name: asker.name },
    source: sourceOf(task, gitlab),
    costUsd: costOf(task, beside),
    continues: task.continues ?? null,
    discreet: isDiscreet(task),
  }
}

/** What a whole task is made of besides its record. */
export type Parts = {
  readonly beside: Beside
  readonly phases: readonly RunPhase[]
  readonly log: LogFacts
  readonly may: { readonly stop: boolean; readonly retry: boolean }
  /** Why it ended as it did, and the cure, in words. */
  readonly words: { readonly what: string; readonly cure: string } | undefined
}

export function taskView(task: Task, { beside, phases, log, may, words }: Parts, seeing: Seeing): TaskView {
  const outcome = task.end?.outcome
  const used = beside.usage.turns > 0 ? beside.usage : outcome?.usage
  const { reads } = seeing
  return {
    ...taskSummary(task, beside, seeing),
    prompt: reads ? task.prompt : HIDDEN,
    budgetUsd: beside.budgetUsd ?? task.budget ?? null,
    usage: {
      turns: used?.turns ?? null,
      inputTokens: used?.inputTokens ?? null,
      outputTokens: used?.outputTokens ?? null,
    },
    timeline: timeline(task, phases),
    answer: reads ? (outcome?.answer ?? null) : null,
    failure: words === undefined ? null : { ...words, detail: reads ? detailOf(task) : null },
    warnings: reads ? (outcome?.warnings ?? []) : [],
    hints: reads ? (task.hints ?? []) : [],
    // Names of files are part of the code.
    files: reads ? (outcome?.pushed?.files ?? []) : [],
    commit: reads ? (outcome?.pushed?.commit ?? null) : null,
    may: {
      stop: may.stop && !isFinal(task.state) && task.state !== 'finishing',
      retry: may.retry && (isRetriable(task) || isPlan(task)),
    },
    stopping: !isFinal(task.state) && (task.stop !== undefined || beside.stopping),
    log: reads ? { ...log, gone: isGone(task, log) } : { size: 0, lines: 0, cut: false, gone: false },
  }
}

/** A run that began has said something: where nothing of it is left, it is kept no longer. */
function isGone({ state, startedAt }: Task, { size }: LogFacts): boolean {
  return isFinal(state) && startedAt !== undefined && size === 0
}

function causeOf({ end }: Task): TaskSummary['cause'] {
  if (end === undefined || end.is === 'succeeded') return null
  if (end.is === 'failed') return end.cause
  return 'because' in end ? end.because : 'stopped'
}

function isPaused({ end }: Task): boolean {
  return end?.is === 'failed' && (end.cause === 'budget-spent' || end.cause === 'turns-spent')
}

function detailOf({ end }: Task): string | null {
  return end?.is === 'failed' && end.message !== '' ? end.message : null
}

/** The door's sums, or what the agent itself told; null where neither knows of any. */
function costOf({ end }: Task, { usage }: Beside): number | null {
  return usage.turns > 0 ? usage.costUsd : (end?.outcome?.usage?.costUsd ?? null)
}

function sourceOf({ thread, occasion, repository }: Task, gitlab: string): TaskSummary['source'] {
  if (occasion === 'page' || thread.on === 'page') return { on: 'page', url: null }
  const { on, iid, note } = thread
  const place = `${gitlab}/${repository}/-/${on}s/${iid}`
  return { on, url: note === undefined ? place : `${place}#note_${note}` }
}

function doing(task: Task, beside: Beside): string | null {
  switch (task.state) {
    case 'queued':
      return waiting(beside.waits)
    case 'starting':
      return (task.status?.state === 'starting' ? task.status.shows.line : undefined) ?? null
    case 'running':
      return beside.doing ?? null
    case 'finishing':
    case 'succeeded':
    case 'failed':
    case 'cancelled':
      return null
  }
}

/** Why it waits, and its place in the line. */
function waiting(waits: Shows['waits']): string {
  if (waits === undefined) return 'starts in a moment'
  const { place } = waits
  const soon = waits.expects === undefined ? '' : `, likely in ${Math.max(1, Math.ceil(waits.expects / 60_000))} min`
  switch (waits.limit) {
    case 'branch':
      return `${place === 1 ? 'a task' : `${place} tasks`} on the same branch ${place === 1 ? 'comes' : 'come'} first${soon}`
    case 'project':
      return `the project has as many running as it may; number ${place} in the line${soon}`
    case 'person':
      return `its asker has as many running as they may; number ${place} in the line${soon}`
    case 'all':
      return `every place to run is taken; number ${place} in the line${soon}`
  }
}

function firstLine(text: string): string {
  return cut(text.trim().split('\n', 1)[0] ?? '', TITLE_SHOWN)
}

/** By characters, never within one. */
function cut(text: string, most: number): string {
  const characters = [...text.slice(0, 2 * most + 2)]
  return characters.length <= most ? text : `${characters.slice(0, most).join('')}…`
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
