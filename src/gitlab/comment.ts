/** Task → Markdown. Every sentence the bot says about a task is here; why one failed is in failures.ts, answers without a task in answer.ts. */

import { fence } from '../tasks/prompt.ts'
import type { Outcome, Pushed, Task } from '../tasks/task.ts'
import { FAILURES } from './failures.ts'
import { closeNothing, inert, inertLine, inlineCode } from './inert.ts'
import { mark } from './marker.ts'

export type Voice = {
  /** Where Errand's own pages are, without a trailing slash. */
  readonly url: string
  readonly trigger: string
}

/** The one status comment of a task, as it should read now. `shows` is what next.ts found worth telling. */
export function statusComment(task: Task, shows: string, now: number, voice: Voice): string {
  return `${status(task, shows, now, voice)}\n\n${mark(task.id, 'status')}`
}

function status(task: Task, shows: string, now: number, { url, trigger }: Voice): string {
  const links = `[Details](${url}/tasks/${task.id}) · to stop it, reply \`${trigger} stop\``
  switch (task.state) {
    case 'queued': {
      return `⏳ **Queued.** ${waiting(shows)}\n\n${links}`
    }
    case 'starting': {
      const which = task.attempt > 1 ? ` Attempt ${task.attempt}: the one before was lost with its machine.` : ''
      return `🚀 **Starting.**${which}${shows === '' ? '' : ` ${sentence(shows)}`}\n\n${links}`
    }
    case 'running':
      if (shows === 'stopping') return `⏹️ **Stopping.** What there is will be saved on ${inlineCode(task.branch)}.`
      return `🛠️ **Working on it**${elapsed(task, now)}${shows === '' ? '.' : `: ${inertLine(shows, 300) ?? ''}`}\n\n${links}`
    case 'finishing':
      return `🏁 **Finishing.**\n\n${links}`
    case 'succeeded': {
      const took = `in ${duration((task.endedAt ?? now) - task.createdAt)}`
      if (task.end?.is === 'succeeded' && task.end.outcome.result === 'pushed') {
        return `✅ **Done** ${took}: ${reference(task)}. The answer is below.`
      }
      return `✅ **Done** ${took}, nothing was changed. The answer is below.`
    }
    case 'failed':
      return `❌ **Failed** after ${duration((task.endedAt ?? now) - task.createdAt)}. Why, and what to do, is below.`
    case 'cancelled':
      return `⏹️ **Stopped** after ${duration((task.endedAt ?? now) - task.createdAt)}.`
  }
}

/** Why it waits, and its place in the line. */
function waiting(shows: string): string {
  const [limit, place = ''] = shows.split(' ')
  switch (limit) {
    case 'branch':
      return `${place === '1' ? 'A task' : `${place} tasks`} on the same branch ${place === '1' ? 'comes' : 'come'} first.`
    case 'project':
      return `This project has as many tasks running as it may; this one is number ${place} in the line.`
    case 'person':
      return `You have as many tasks running as you may; this one is number ${place} in the line.`
    case 'all':
      return `Every place to run is taken; this one is number ${place} in the line.`
    default:
      return 'It starts in a moment.'
  }
}

/** The last word: a new note, since an edit notifies nobody. */
export function replyComment(task: Task, now: number, voice: Voice): string {
  return `${reply(task, now, voice)}\n\n${mark(task.id, 'reply')}`
}

function reply(task: Task, now: number, voice: Voice): string {
  const { end } = task
  if (end === undefined) throw new Error(`task ${task.id} has not ended and cannot be answered`)
  switch (end.is) {
    case 'succeeded': {
      const { outcome } = end
      const did = inert(outcome.answer ?? '')
      if (outcome.result !== 'pushed' || outcome.pushed === undefined) {
        return join(
          did === '' ? 'I changed nothing.' : did,
          warnings(outcome),
          `${facts(task, outcome, now)} Nothing was changed.`,
        )
      }
      return join(
        `${headline(task)}`,
        did,
        warnings(outcome),
        `${files(outcome.pushed)} ${facts(task, outcome, now)}`,
        `**Next:** review ${reference(task)}. To have more done, comment \`${voice.trigger} <what>\` there: it goes on the same branch.`,
      )
    }
    case 'failed':
      return join(
        `❌ **This did not work: ${FAILURES[end.cause].what}**`,
        end.message === '' ? '' : inert(fence(end.message.slice(-3000).trim())),
        saved(task, end.outcome),
        warnings(end.outcome),
        `**Next:** ${FAILURES[end.cause].cure(voice.trigger)} [Log](${voice.url}/tasks/${task.id})`,
      )
    case 'cancelled':
      return join(
        `⏹️ **Stopped**, as \`@${end.by}\` asked.`,
        saved(task, end.outcome) || 'Nothing was pushed.',
        `**Next:** to ask again, comment \`${voice.trigger} <what>\`.`,
      )
  }
}

/** The merge request's title and description. */
export function mergeRequestText(task: Task, outcome: Outcome, voice: Voice): { title: string; description: string } {
  const title = inertLine(outcome.title ?? '', 200) ?? inertLine(task.about, 200) ?? `Task ${task.id}`
  const quoted = closeNothing(inert(task.prompt))
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
  const closes = task.thread.on === 'issue' ? `Closes #${task.thread.iid}` : `For !${task.thread.iid}`
  const description = join(
    `\`@${task.asker.username}\` asked:`,
    quoted.join('\n'),
    closeNothing(inert(outcome.answer ?? '')),
    `${closes} · [task ${task.id}](${voice.url}/tasks/${task.id})`,
  )
  return { title, description }
}

function headline(task: Task): string {
  const branch = inlineCode(task.branch)
  if (task.mergeRequest?.iid === task.thread.iid && task.thread.on === 'merge_request')
    return `✅ **Pushed to ${branch}.**`
  const own =
    task.thread.on === 'merge_request'
      ? ` It is a merge request of its own: I cannot push to the branch of !${task.thread.iid}.`
      : ''
  return `✅ **${reference(task)} is ready for review**, from ${branch}.${own}`
}

function reference({ mergeRequest }: Task): string {
  return mergeRequest === undefined ? 'the merge request' : `[!${mergeRequest.iid}](${mergeRequest.url})`
}

/** `2 files: a.ts +3 −1, b.ts +9 −0.` */
function files({ files }: Pushed): string {
  const shown = files.slice(0, 5).map(({ path, added, removed }) => `${inlineCode(path)} +${added} −${removed}`)
  const more = files.length > shown.length ? ` and ${files.length - shown.length} more` : ''
  return `${files.length} ${files.length === 1 ? 'file' : 'files'}: ${shown.join(', ')}${more}.`
}

/** `Took 1 min 4 s, 12 turns, $0.15.` */
function facts(task: Task, { usage }: Outcome, now: number): string {
  const turns = usage?.turns === undefined ? '' : `, ${usage.turns} ${usage.turns === 1 ? 'turn' : 'turns'}`
  const cost = usage?.costUsd === undefined ? '' : `, $${usage.costUsd.toFixed(2)}`
  return `Took ${duration(now - task.createdAt)}${turns}${cost}.`
}

function warnings(outcome: Outcome | undefined): string {
  return (outcome?.warnings ?? []).map((warning) => `⚠️ ${inertLine(warning, 500) ?? ''}`).join('\n\n')
}

function saved(task: Task, outcome: Outcome | undefined): string {
  const commit = outcome?.pushed?.commit
  return commit === undefined ? '' : `The work so far is on ${inlineCode(task.branch)}, commit ${commit.slice(0, 8)}.`
}

function elapsed(task: Task, now: number): string {
  const since = now - (task.startedAt ?? task.createdAt)
  return since < 60_000 ? '' : ` (${duration(since)})`
}

/** `4 s`, `1 min 4 s`, `2 h 5 min`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

function sentence(text: string): string {
  const line = inertLine(text, 300) ?? ''
  return `${line.charAt(0).toUpperCase()}${line.slice(1)}${/[.!?]$/.test(line) ? '' : '.'}`
}

function join(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n')
}
