/** What the bot says where there is no task: help, refusals, and what an order could have meant. */

import { ORDERS } from '../tasks/command.ts'
import type { Answer, Refusal, Told } from '../tasks/entry.ts'
import type { Voice } from './comment.ts'
import { inlineCode } from './inert.ts'
import { mark } from './marker.ts'

/** `undefined`: a reaction says it. */
export function answerComment(answer: Answer, voice: Voice): string | undefined {
  const words = say(answer, voice)
  return words === undefined ? undefined : `${words}\n\n${mark(answer.id, 'reply')}`
}

function say({ saying }: Answer, voice: Voice): string | undefined {
  const { trigger } = voice
  switch (saying.say) {
    case 'help':
      return help(trigger)
    case 'misspelt': {
      const word = saying.word.replaceAll('`', "'").slice(0, 40)
      const meant = saying.nearest === undefined ? '' : ` Did you mean \`${trigger} ${saying.nearest}\`?`
      return `I don't know \`${trigger} ${word}\`.${meant}\n\n${help(trigger)}`
    }
    case 'too-long':
      return `That prompt has ${kilobytes(saying.bytes)}, and I take up to ${kilobytes(saying.limit)}. Put the long part into a file of the repository, and name the file: \`${trigger} do what docs/plan.md says\`.`
    case 'too-far':
      return `I look for \`${trigger}\` in the first ${kilobytes(saying.limit)} of a comment only. Put it at the top, and the rest below it.`
    case 'refused':
      return refused(saying.why)
    case 'refused-again':
      return undefined
    case 'empty-repository':
      return 'The repository is empty, so there is no branch to start from. Push a first commit, then ask again.'
    case 'status':
      if (saying.tasks.length === 0)
        return `There is no task here yet. To start one, comment \`${trigger} <what to do>\`.`
      return saying.tasks.map((task) => `- ${line(task, voice)}`).join('\n')
    case 'nothing-to-stop':
      return `Nothing is running here, so there is nothing to stop. \`${trigger} status\` lists what was asked.`
    case 'which':
      return `More than one task is running here:\n\n${saying.tasks.map((task) => `- ${line(task, voice)}`).join('\n')}\n\nReply \`${trigger} stop\` in the thread of the one you mean.`
    case 'not-yours':
      return `Only \`@${saying.asker}\`, who asked, or a Maintainer can stop this.`
  }
}

function help(trigger: string): string {
  return [
    `Comment \`${trigger} <what to do>\` on an issue, and I do it on a branch and open a merge request:`,
    '',
    `> \`${trigger} add a health check at /healthz, with a test\``,
    '',
    `On a merge request the same goes on with its branch. A prompt may have several lines. Orders: ${ORDERS.map((order) => `\`${trigger} ${order}\``).join(', ')}.`,
  ].join('\n')
}

function refused(refusal: Refusal): string {
  switch (refusal.why) {
    case 'not-a-member':
      return `Sorry, I only work for members of this project with the role ${role(refusal.needs)} or higher. A Maintainer of the project can add you, or ask in your place.`
    case 'role':
      return `Sorry, you need the role ${role(refusal.needs)} or higher in this project, and yours is ${role(refusal.has)}. A Maintainer of the project can change it, or ask in your place.`
    case 'not-active':
      return `Sorry, your account is \`${refusal.state}\` in GitLab, and I only work for active ones. An administrator can change that.`
  }
}

/** GitLab's access levels; a custom role carries the level of its base. */
function role(level: number): string {
  if (level >= 50) return 'Owner'
  if (level >= 40) return 'Maintainer'
  if (level >= 30) return 'Developer'
  if (level >= 20) return 'Reporter'
  if (level >= 15) return 'Planner'
  return level >= 10 ? 'Guest' : 'none'
}

function line({ id, state, prompt, asker }: Told, { url }: Voice): string {
  const what = prompt.length > 80 ? `${prompt.slice(0, 79)}…` : prompt
  return `[${id}](${url}/tasks/${id}) **${state}**: ${inlineCode(what)}, asked by \`@${asker}\``
}

function kilobytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024)} KB`
}
