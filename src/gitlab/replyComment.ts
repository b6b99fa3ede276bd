/** The last word about a task: a new note, since an edit notifies nobody. Why one failed is in failures.ts. */

import { readAnswers, type ThreadAnswer } from '../tasks/answers.ts'
import { fence } from '../tasks/fence.ts'
import type { Cause, Outcome, Pushed, Remark, Task } from '../tasks/task.ts'
import { FAILURES, isPause } from './failures.ts'
import { inert, inertLine, inlineCode } from './inert.ts'
import { mark } from './marker.ts'
import { OBSOLETE } from './statusComment.ts'
import { dollars, duration, moreThan, paragraphs, type Voice } from './voice.ts'

/** `rewrote`: commits that were on the branch before and are not any more. `own`: what the agent said to the thread this stands in. */
export type Told = { readonly rewrote?: readonly string[]; readonly own?: ThreadAnswer | undefined }

export function replyComment(task: Task, now: number, voice: Voice, told: Told = {}): string {
  const notes = (task.remarks ?? []).filter(({ discussion }) => discussion === task.thread.discussion)
  return `${paragraphs(...reply(task, now, voice, told))}\n\n${mark(
    task.id,
    'reply',
    notes.map(({ note }) => note),
  )}`
}

function reply(task: Task, now: number, voice: Voice, told: Told): readonly string[] {
  const { end } = task
  const { trigger } = voice
  if (end === undefined) throw new Error(`task ${task.id} has not ended and cannot be answered`)
  switch (end.is) {
    case 'succeeded': {
      const { outcome } = end
      const { shown } = readAnswers(outcome.answer ?? '', [])
      const did = inert(paragraphs(told.own?.text ?? '', shown))
      const more = `${facts(task, outcome, now)}${task.mode === 'plan' ? '' : ' Nothing was changed.'}`
      if (task.mode === 'plan') {
        return [
          '📋 **The plan:**',
          did,
          warnings(outcome),
          more,
          `**Next:** to have it done, reply \`${trigger} go\`. To change it, reply with what should be different.`,
        ]
      }
      if (outcome.pushed === undefined || outcome.result !== 'pushed') {
        // What stood on the branch before is ready now.
        const ready = task.opened === true ? `✅ **${reference(task)} is ready for review.**` : ''
        return [ready, did === '' ? 'I changed nothing.' : did, warnings(outcome), more]
      }
      return [
        headline(task, outcome.pushed),
        did,
        rewritten(told.rewrote),
        warnings(outcome),
        `${files(outcome.pushed)} ${facts(task, outcome, now)}`,
        `**Next:** review ${reference(task)}. To have more done, ${task.onPage === true ? 'reply here' : `comment \`${trigger} <what>\` there`}, or review it: every thread that you open is answered, on the same branch.`,
      ]
    }
    case 'failed': {
      const paused = isPause(end.cause)
      return [
        paused ? `⏸️ **Paused: ${pausedBy(task, end.cause)}**` : `❌ **This did not work: ${FAILURES[end.cause].what}**`,
        paused || end.message === '' ? '' : inert(fence(end.message.slice(-3000).trim())),
        saved(end.outcome),
        rewritten(told.rewrote),
        warnings(end.outcome),
        end.outcome?.usage?.costUsd === undefined ? '' : facts(task, end.outcome, now),
        `**Next:** ${FAILURES[end.cause].cure(trigger, moreThan(task.budget ?? 0, voice))} [Log](${voice.url}/tasks/${task.id})`,
      ]
    }
    case 'cancelled':
      if ('because' in end)
        return [`⏹️ **Not begun:** ${OBSOLETE[end.because]}`, `**Next:** to ask again, comment \`${trigger} <what>\`.`]
      return [
        `⏹️ **Stopped**, as \`@${end.by}\` asked.`,
        saved(end.outcome) || 'Nothing was pushed.',
        task.attempt === 0
          ? `**Next:** to ask again, comment \`${trigger} <what>\`.`
          : `**Next:** to go on from here, reply with what should be different, or \`${trigger} retry\`.`,
      ]
  }
}

/** The answer to one of the other threads of a follow-up; `first` is where the whole answer stands. */
export function threadComment(
  task: Task,
  remarks: readonly Remark[],
  said: ThreadAnswer | undefined,
  first: string,
  trigger: string,
): string {
  return `${paragraphs(...inThread(task, said, first, trigger))}\n\n${mark(
    task.id,
    'reply',
    remarks.map(({ note }) => note),
  )}`
}

function inThread({ end }: Task, said: ThreadAnswer | undefined, first: string, trigger: string): readonly string[] {
  const whole = `[the whole answer](${first})`
  if (end?.is === 'failed')
    return [`${isPause(end.cause) ? '⏸️ Not done yet' : '❌ Not done'}: ${FAILURES[end.cause].what} See ${whole}.`]
  if (end?.is !== 'succeeded')
    return [`⏹️ Stopped before this was done. See ${whole}; \`${trigger} retry\` there goes on.`]
  const commit = end.outcome.pushed?.commit
  const where = commit === undefined ? '' : ` In ${commit.slice(0, 8)}.`
  if (said === undefined) return [`I have no separate answer to this; see ${whole}.${where}`]
  return [said.addressed ? `✅ ${inert(said.text)}` : `🤔 ${inert(said.text)}`, said.addressed ? where.trim() : '']
}

function pausedBy({ budget }: Task, cause: Cause): string {
  if (cause === 'budget-spent' && budget !== undefined) return `its budget of ${dollars(budget)} is spent.`
  return FAILURES[cause].what
}

function headline(task: Task, { branch }: Pushed): string {
  const { mergeRequest, thread } = task
  // What was asked on the page was not asked on its own merge request.
  const asked = task.onPage !== true && thread.on === 'merge_request' ? thread.iid : undefined
  const code = inlineCode(branch)
  const aside =
    branch === task.branch
      ? ''
      : ` Somebody else's commits are on ${inlineCode(task.branch)} and did not go together with mine, so they are on a branch of their own.`
  if (asked !== undefined && mergeRequest?.iid === asked) return `✅ **Pushed to ${code}.**${aside}`
  if (task.opened !== true) return `✅ **Pushed to ${code}**, ${reference(task)}.${aside}`
  const own =
    asked !== undefined && branch === task.branch
      ? ` It is a merge request of its own: I cannot push to the branch of !${asked}.`
      : ''
  return `✅ **${reference(task)} is ready for review**, from ${code}.${own}${aside}`
}

function reference({ mergeRequest }: Task): string {
  return mergeRequest === undefined ? 'the merge request' : `[!${mergeRequest.iid}](${mergeRequest.url})`
}

function rewritten(commits: readonly string[] = []): string {
  const [old] = commits
  return old === undefined
    ? ''
    : `⚠️ The branch was rewritten. What was there before is commit ${old}: \`git fetch origin ${old}\` brings it back.`
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
  const cost = usage?.costUsd === undefined ? '' : `, ${dollars(usage.costUsd)}`
  return `Took ${duration(now - task.createdAt)}${turns}${cost}.`
}

function warnings(outcome: Outcome | undefined): string {
  return (outcome?.warnings ?? []).map((warning) => `⚠️ ${inertLine(warning, 500) ?? ''}`).join('\n\n')
}

function saved(outcome: Outcome | undefined): string {
  const pushed = outcome?.pushed
  return pushed === undefined
    ? ''
    : `The work so far is on ${inlineCode(pushed.branch)}, commit ${pushed.commit.slice(0, 8)}.`
}
