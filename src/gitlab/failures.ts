import type { Cause } from '../tasks/task.ts'

/** Each cause in words for the author, with what to do about it. */
export const FAILURES: Readonly<Record<Cause, { what: string; cure: (trigger: string, more?: number) => string }>> = {
  'agent-error': {
    what: 'the agent ended with an error.',
    cure: (trigger) => `ask again with \`${trigger} …\`, in smaller steps or with more detail.`,
  },
  'setup-failed': {
    what: 'the set-up script failed.',
    cure: (trigger) =>
      `repair it on the default branch (its name and its last lines are above), then reply \`${trigger} retry\`.`,
  },
  'clone-failed': {
    what: 'the repository could not be cloned.',
    cure: (trigger) =>
      `reply \`${trigger} retry\` in a few minutes; if it stays so, show this to your Errand operator.`,
  },
  'push-refused': {
    what: 'GitLab did not take the push.',
    cure: (trigger) =>
      `see GitLab's reason above (a protected branch, a push rule, somebody else's newer commit), then reply \`${trigger} retry\`.`,
  },
  deadline: {
    what: 'it ran into its time limit.',
    cure: (trigger) => `ask for a smaller part of it with \`${trigger} …\`.`,
  },
  stuck: {
    what: 'the agent said nothing for too long and was stopped.',
    cure: (trigger) => `see the end of the log for what it waited for, then reply \`${trigger} retry\`.`,
  },
  'budget-spent': {
    what: 'its budget is spent.',
    cure: (trigger, more) =>
      more === undefined
        ? `that is all it may cost here. Ask for the rest with \`${trigger} …\`, in smaller steps, or ask your Errand operator for more.`
        : `to let it go on where it stopped, reply \`${trigger} budget ${more}\` (US dollars).`,
  },
  'turns-spent': {
    what: 'the agent used up its turns.',
    cure: (trigger) => `to let it go on where it stopped, reply \`${trigger} retry\`.`,
  },
  'model-unavailable': {
    what: 'the model could not be used.',
    cure: (trigger) =>
      `reply \`${trigger} retry\` in a few minutes; if it speaks of a key or a bill, show this to your Errand operator.`,
  },
  'disk-full': {
    what: 'the disk of the run was full.',
    cure: (trigger) => `ask your Errand operator for more disk, then reply \`${trigger} retry\`.`,
  },
  'out-of-memory': {
    what: 'the run needed more memory than it may have.',
    cure: (trigger) =>
      `ask for a smaller part of it with \`${trigger} …\`, or ask your Errand operator for more memory for this project.`,
  },
  image: {
    what: 'its image could not be used.',
    cure: (trigger) => `show this to your Errand operator, then reply \`${trigger} retry\`.`,
  },
  unschedulable: {
    what: 'the cluster had no place for it.',
    cure: (trigger) =>
      `reply \`${trigger} retry\` when the cluster is less busy; if it stays so, show this to your Errand operator.`,
  },
  evicted: {
    what: 'the cluster took its place away, more than once.',
    cure: (trigger) => `reply \`${trigger} retry\`; if it happens again, show this to your Errand operator.`,
  },
  'rejected-by-cluster': {
    what: 'the cluster did not take it.',
    cure: (trigger) => `show this to your Errand operator, then reply \`${trigger} retry\`.`,
  },
  lost: {
    what: 'the machine it ran on was lost, more than once.',
    cure: (trigger) => `reply \`${trigger} retry\`; if it happens again, show this to your Errand operator.`,
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
    cure: (trigger) => `reply \`${trigger} retry\`, and show this to your Errand operator.`,
  },
}

/** What stops a task until somebody says that it may go on: no failure of its own. */
export function isPause(cause: Cause): boolean {
  return cause === 'budget-spent' || cause === 'turns-spent'
}
