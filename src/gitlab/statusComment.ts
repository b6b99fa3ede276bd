/** The one status comment of a task, as it should read now. Its last word is in replyComment.ts. */

import { fence } from '../tasks/fence.ts'
import type { Obsolete, Shows, Task } from '../tasks/task.ts'
import { FAILURES, isPause } from './failures.ts'
import { inertLine, inlineCode } from './inert.ts'
import { mark } from './marker.ts'
import { dollars, duration, moreThan, paragraphs, type Voice } from './voice.ts'

/** `shows` is what next.ts found worth telling. */
export function statusComment(task: Task, shows: Shows, now: number, voice: Voice): string {
  return `${paragraphs(...status(task, shows, now, voice))}\n\n${mark(task.id, 'status')}`
}

function status(task: Task, shows: Shows, now: number, voice: Voice): readonly string[] {
  const { url, trigger } = voice
  const links = `[Details](${url}/tasks/${task.id}) · to stop it, reply \`${trigger} stop\``
  const took = duration((task.endedAt ?? now) - task.createdAt)
  switch (task.state) {
    case 'queued':
      return [`⏳ **Queued.** ${waiting(shows)}`, ...hints(task), links]
    case 'starting': {
      const which = task.attempt > 1 ? ` Attempt ${task.attempt}: the one before was lost with its machine.` : ''
      const line = shows.line === undefined ? '' : ` ${sentence(shows.line)}`
      return [`🚀 **Starting.**${which}${line}`, ...hints(task), links]
    }
    case 'running': {
      if (shows.stopping) return [`⏹️ **Stopping.** What there is will be saved on ${inlineCode(task.branch)}.`]
      const line = shows.line === undefined ? '.' : `: ${inertLine(shows.line, 300) ?? ''}`
      const what = task.mode === 'plan' ? 'Making a plan' : 'Working on it'
      const facts = [spent(shows, voice), excerpt(shows), ...hints(task), hidden(shows)]
      return [`🛠️ **${what}**${elapsed(task, now)}${line}`, ...facts, links]
    }
    case 'finishing':
      return ['🏁 **Finishing.**', links]
    case 'succeeded':
      return [`✅ **Done** in ${took}${result(task)}. The answer is below.`, ...hints(task), hidden(shows)]
    case 'failed':
      if (task.end?.is === 'failed' && isPause(task.end.cause))
        return [
          `⏸️ **Paused** after ${took}: ${FAILURES[task.end.cause].what} How to let it go on is below.`,
          ...hints(task),
        ]
      return [`❌ **Failed** after ${took}. Why, and what to do, is below.`, ...hints(task), hidden(shows)]
    case 'cancelled':
      if (task.end?.is === 'cancelled' && 'because' in task.end)
        return [`⏹️ **Not begun:** ${OBSOLETE[task.end.because]}`]
      return [`⏹️ **Stopped** after ${took}.`, hidden(shows)]
  }
}

/** Why nobody waits for a task any more. */
export const OBSOLETE: Readonly<Record<Obsolete, string>> = {
  'comment-deleted': 'the comment that asked was deleted.',
  closed: 'what it was asked under is closed.',
  'label-removed': 'the label that asked was removed.',
}

function result(task: Task): string {
  if (task.mode === 'plan') return ', with a plan'
  if (task.end?.is !== 'succeeded' || task.end.outcome.result !== 'pushed') return ', nothing was changed'
  return task.mergeRequest === undefined ? '' : `: [!${task.mergeRequest.iid}](${task.mergeRequest.url})`
}

/** Why it waits, its place in the line, and when its turn may come. */
function waiting({ waits }: Shows): string {
  if (waits === undefined) return 'It starts in a moment.'
  const { place } = waits
  const soon =
    waits.expects === undefined ? '' : ` Likely in about ${duration(Math.ceil(waits.expects / 60_000) * 60_000)}.`
  switch (waits.limit) {
    case 'branch':
      return `${place === 1 ? 'A task' : `${place} tasks`} on the same branch ${place === 1 ? 'comes' : 'come'} first.${soon}`
    case 'project':
      return `This project has as many tasks running as it may; this one is number ${place} in the line.${soon}`
    case 'person':
      return `You have as many tasks running as you may; this one is number ${place} in the line.${soon}`
    case 'all':
      return `Every place to run is taken; this one is number ${place} in the line.${soon}`
  }
}

function spent({ spent }: Shows, voice: Voice): string {
  if (spent === undefined) return ''
  const { cost, budget } = spent
  const more = moreThan(budget, voice)
  const allow = more === undefined ? '' : ` To allow more, reply \`${voice.trigger} budget ${more}\`.`
  return `💰 ${dollars(cost)} of its ${dollars(budget)} are spent.${allow} At the end of it the work is pushed, and I ask here.`
}

function excerpt({ tail }: Shows): string {
  if (tail === undefined) return ''
  return `<details><summary>The end of its log</summary>\n\n${fence(tail)}\n\n</details>`
}

function hints({ hints = [] }: Task): readonly string[] {
  return hints.map((hint) => `⚠️ ${inertLine(hint, 500) ?? ''}`)
}

function hidden({ hidden }: Shows): string {
  if (hidden === undefined) return ''
  const what = hidden === 1 ? '1 hidden character' : `${hidden} hidden characters`
  const were = hidden === 1 ? 'was' : 'were'
  return `🙈 ${what} (HTML comments, texts of pictures, invisible ones) ${were} left out of what the agent read.`
}

function elapsed(task: Task, now: number): string {
  const since = now - (task.startedAt ?? task.createdAt)
  return since < 60_000 ? '' : ` (${duration(since)})`
}

function sentence(text: string): string {
  const line = inertLine(text, 300) ?? ''
  return `${line.charAt(0).toUpperCase()}${line.slice(1)}${/[.!?]$/.test(line) ? '' : '.'}`
}
