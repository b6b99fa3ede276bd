/** What is said about orders: which there are, what one lacks, and what could have been meant by one that is about nothing. */

import type { OrderWord } from '../tasks/command.ts'
import type { AboutTasks } from '../tasks/entry.ts'
import { isFinal, type State } from '../tasks/task.ts'

/** An order as it is written. */
export function example(order: OrderWord, trigger: string): string {
  return `${trigger} ${EXAMPLES[order]}`
}

const EXAMPLES: Readonly<Record<OrderWord, string>> = {
  help: 'help',
  status: 'status',
  stop: 'stop',
  retry: 'retry',
  go: 'go',
  plan: 'plan <what to do>',
  budget: 'budget 5',
  model: 'model <name>',
}

export function help(trigger: string): string {
  return [
    `Comment \`${trigger} <what to do>\` on an issue, and I do it on a branch and open a merge request:`,
    '',
    `> \`${trigger} add a health check at /healthz, with a test\``,
    '',
    'On a merge request the same goes on with its branch, and on a line of its diff I see the line. A prompt may have several lines. Before it, where you want them: `--model <name>`, `--agent <name>`, `--branch <where to begin>`, `--budget <US dollars>`, `--draft`.',
    '',
    'A reply to me goes on with the work, without any command. Orders:',
    '',
    `- \`${trigger} plan <what to do>\`: I answer with a plan and change nothing; then \`${trigger} go\` does it`,
    `- \`${trigger} status\`: what was asked here, and how far it is`,
    `- \`${trigger} stop\`: ends it, and saves what there is`,
    `- \`${trigger} retry\`: once more, on the same branch`,
    `- \`${trigger} budget 5\`: it may cost 5 US dollars; what stopped at its budget goes on`,
    `- \`${trigger} model <name>\`: once more, with another model`,
  ].join('\n')
}

export function incomplete(what: 'plan' | 'budget' | 'model' | 'flags', trigger: string): string {
  switch (what) {
    case 'plan':
      return `What should I plan? \`${trigger} plan <what to do>\`: I answer with a plan and change nothing. Then \`${trigger} go\` does it.`
    case 'budget':
      return `How much may it cost? \`${trigger} budget 5\` is 5 US dollars.`
    case 'model':
      return `Which model? \`${trigger} model <name>\` tries it once more with that one.`
    case 'flags':
      return `What should I do? The flags come first, and what is to be done behind them: \`${trigger} --draft <what to do>\`.`
  }
}

/** No task here is one that the order could be about. */
export function nothingTo(order: AboutTasks, trigger: string): string {
  const ask = `\`${trigger} <what to do>\``
  switch (order) {
    case 'stop':
      return `Nothing is running here, so there is nothing to stop. \`${trigger} status\` lists what was asked.`
    case 'retry':
      return `Nothing was asked here yet, so there is nothing to try again. To ask for something, comment ${ask}.`
    case 'go':
      return `There is no plan here that I could carry out. \`${trigger} plan <what to do>\` makes one, and ${ask} does it at once.`
    case 'budget':
      return `Nothing was asked here yet that could have a budget. Give it along with the request: \`${trigger} --budget 5 <what to do>\`.`
    case 'model':
      return `Nothing was asked here yet that could have a model. Name it in the request: \`${trigger} --model <name> <what to do>\`.`
  }
}

/** The order means `task`, a link to it, and comes too early or too late for it. */
export function notNow(order: AboutTasks, task: string, state: State, trigger: string): string {
  const ask = `\`${trigger} <what to do>\``
  if (!isFinal(state)) {
    switch (order) {
      case 'stop':
      case 'budget':
        return `${task} is being finished and is not open to orders any more. Its answer comes in a moment.`
      case 'retry':
        return `${task} is not over yet. Wait for its answer, or end it with \`${trigger} stop\`; then \`${trigger} retry\` tries it again.`
      case 'go':
        return `${task} is not over yet. Wait for its plan, then \`${trigger} go\` carries it out.`
      case 'model':
        return `${task} is not over yet, and a model is chosen at the beginning. End it with \`${trigger} stop\`; then \`${trigger} model <name>\` goes on with that one.`
    }
  }
  switch (order) {
    case 'stop':
      return `${task} is over, so there is nothing to stop. To have its work changed, reply with what you want.`
    case 'retry':
      return state === 'succeeded'
        ? `${task} has worked, so there is nothing to try again. To have more done, comment ${ask}.`
        : `${task} cannot be tried again. To ask anew, comment ${ask}.`
    case 'go':
      return `${task} is no plan that waits for \`${trigger} go\`. \`${trigger} plan <what to do>\` makes one, and ${ask} does it at once.`
    case 'budget':
      return `${task} is over, and it did not end for want of a budget. To have more done, comment \`${trigger} --budget 5 <what to do>\`.`
    case 'model':
      return `${task} cannot be tried again. To ask anew, comment \`${trigger} --model <name> <what to do>\`.`
  }
}
