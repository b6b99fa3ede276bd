/** Task → Markdown. Every sentence the bot says about a task is here; those without a task are in answer.ts. */

import { fence } from '../tasks/prompt.ts'
import type { Cause, Outcome, Pushed, Task } from '../tasks/task.ts'
import { inert, inertLine } from './inert.ts'
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
      if (shows === 'stopping') return `⏹️ **Stopping.** What there is will be saved on \`${task.branch}\`.`
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
        `❌ **This did not work: ${WORDS[end.cause].what}**`,
        end.message === '' ? '' : inert(fence(end.message.slice(-3000).trim())),
        saved(end.outcome?.pushed),
        warnings(end.outcome),
        `**Next:** ${WORDS[end.cause].cure(voice.trigger)} [Log](${voice.url}/tasks/${task.id})`,
      )
    case 'cancelled':
      return join(
        `⏹️ **Stopped**, as \`@${end.by}\` asked.`,
        saved(end.outcome?.pushed) || 'Nothing was pushed.',
        `**Next:** to ask again, comment \`${voice.trigger} <what>\`.`,
      )
  }
}

/** The merge request's title and description. */
export function mergeRequestText(task: Task, outcome: Outcome, voice: Voice): { title: string; description: string } {
  const title = inertLine(outcome.title ?? '', 200) ?? inertLine(task.about, 200) ?? `Task ${task.id}`
  const quoted = inert(task.prompt)
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
  const closes = task.thread.on === 'issue' ? `Closes #${task.thread.iid}` : `For !${task.thread.iid}`
  const description = join(
    `\`@${task.asker.username}\` asked:`,
    quoted.join('\n'),
    inert(outcome.answer ?? ''),
    `${closes} · [task ${task.id}](${voice.url}/tasks/${task.id})`,
  )
  return { title, description }
}

function headline(task: Task): string {
  const branch = `\`${task.branch}\``
  if (task.mergeRequest?.iid === task.thread.iid && task.thread.on === 'merge_request')
    return `✅ **Pushed to ${branch}.**`
  return `✅ **${reference(task)} is ready for review**, from ${branch}.`
}

function reference({ mergeRequest }: Task): string {
  return mergeRequest === undefined ? 'the merge request' : `[!${mergeRequest.iid}](${mergeRequest.url})`
}

/** `2 files: a.ts +3 −1, b.ts +9 −0.` */
function files({ files }: Pushed): string {
  const shown = files
    .slice(0, 5)
    .map(({ path, added, removed }) => `\`${path.replaceAll('`', "'")}\` +${added} −${removed}`)
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

function saved(pushed: Pushed | undefined): string {
  return pushed === undefined ? '' : `The work so far is on \`${pushed.branch}\`, commit ${pushed.commit.slice(0, 8)}.`
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

/** Each cause in words for the author, with what to do about it. */
const WORDS: Readonly<Record<Cause, { what: string; cure: (trigger: string) => string }>> = {
  'agent-error': {
    what: 'the agent ended with an error.',
    cure: (trigger) => `ask again with \`${trigger} …\`, in smaller steps or with more detail.`,
  },
  'setup-failed': {
    what: '`agent-setup.sh` failed.',
    cure: (trigger) =>
      `repair \`agent-setup.sh\` on the default branch (its last lines are above), then ask again with \`${trigger} …\`.`,
  },
  'clone-failed': {
    what: 'the repository could not be cloned.',
    cure: (trigger) =>
      `ask again with \`${trigger} …\` in a few minutes; if it stays so, show this to your Errand operator.`,
  },
  'push-refused': {
    what: 'GitLab did not take the push.',
    cure: (trigger) =>
      `see GitLab's reason above (a protected branch, a push rule, somebody else's newer commit), then ask again with \`${trigger} …\`.`,
  },
  deadline: {
    what: 'it ran into its time limit.',
    cure: (trigger) => `ask for a smaller part of it with \`${trigger} …\`.`,
  },
  stuck: {
    what: 'the agent said nothing for too long and was stopped.',
    cure: (trigger) => `see the end of the log for what it waited for, then ask again with \`${trigger} …\`.`,
  },
  'budget-spent': {
    what: 'its budget is spent.',
    cure: (trigger) => `ask for the rest with \`${trigger} …\`, in smaller steps.`,
  },
  'turns-spent': {
    what: 'the agent used up its turns.',
    cure: (trigger) => `ask for the rest with \`${trigger} …\`, in smaller steps.`,
  },
  'model-unavailable': {
    what: 'the model could not be used.',
    cure: (trigger) =>
      `ask again with \`${trigger} …\` in a few minutes; if it speaks of a key or a bill, show this to your Errand operator.`,
  },
  'disk-full': {
    what: 'the disk of the run was full.',
    cure: (trigger) => `ask your Errand operator for more disk, then ask again with \`${trigger} …\`.`,
  },
  'out-of-memory': {
    what: 'the run needed more memory than it may have.',
    cure: (trigger) =>
      `ask for a smaller part of it with \`${trigger} …\`, or ask your Errand operator for more memory for this project.`,
  },
  image: {
    what: 'its image could not be used.',
    cure: (trigger) => `show this to your Errand operator, then ask again with \`${trigger} …\`.`,
  },
  unschedulable: {
    what: 'the cluster had no place for it.',
    cure: (trigger) =>
      `ask again with \`${trigger} …\` when the cluster is less busy; if it stays so, show this to your Errand operator.`,
  },
  evicted: {
    what: 'the cluster took its place away, more than once.',
    cure: (trigger) => `ask again with \`${trigger} …\`; if it happens again, show this to your Errand operator.`,
  },
  'rejected-by-cluster': {
    what: 'the cluster did not take it.',
    cure: (trigger) => `show this to your Errand operator, then ask again with \`${trigger} …\`.`,
  },
  lost: {
    what: 'the machine it ran on was lost, more than once.',
    cure: (trigger) => `ask again with \`${trigger} …\`; if it happens again, show this to your Errand operator.`,
  },
  'merge-request-refused': {
    what: 'the work is pushed, but GitLab did not take the merge request.',
    cure: () => `see GitLab's reason above, and open the merge request from the branch by hand.`,
  },
  'project-gone': {
    what: 'the project is gone, archived, or closed to me.',
    cure: () => 'see whether it was moved or archived, or I was removed from it.',
  },
  'internal-error': {
    what: 'Errand itself made a mistake.',
    cure: (trigger) => `ask again with \`${trigger} …\`, and show this to your Errand operator.`,
  },
}
