/** What the bot says where there is no task: help, refusals, and what an order could have meant. */

import type { Answer, FailedPipeline, Refusal, Told } from '../tasks/entry.ts'
import { role } from '../tasks/roles.ts'
import { flagWords } from './flagWords.ts'
import { inlineCode } from './inert.ts'
import { mark } from './marker.ts'
import { example, help, incomplete, nothingTo, notNow } from './orderWords.ts'
import { dollars, type Voice } from './voice.ts'

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
      const word = inlineCode(`${trigger} ${saying.word.slice(0, 40)}`)
      if (saying.nearest === undefined) return `I don't know ${word}.\n\n${help(trigger)}`
      return `I don't know ${word}. Did you mean \`${example(saying.nearest, trigger)}\`? If it is what I should do, say it in more than one word. \`${trigger} help\` lists every order.`
    }
    case 'bad-flag':
      return flagWords(saying, trigger)
    case 'incomplete':
      return incomplete(saying.what, trigger)
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
    case 'nothing-to':
      return nothingTo(saying.order, trigger)
    case 'not-now':
      return notNow(saying.order, link(saying.task, voice), saying.task.state, trigger)
    case 'which':
      return `${saying.order === 'stop' || saying.order === 'budget' ? 'More than one task is running here' : 'I was asked for more than one thing here'}:\n\n${saying.tasks.map((task) => `- ${line(task, voice)}`).join('\n')}\n\nReply \`${example(saying.order, trigger)}\` in the thread of the one you mean.`
    case 'not-yours':
      return `Only \`@${saying.asker}\`, who asked, or a Maintainer can stop this.`
    case 'ask-first':
      return `More people can read this project than this discussion, and what I push they can read too. So I have not begun. Reply \`${trigger} go\` here to begin all the same: the branch, the commit messages and the title of the merge request will say nothing of what was asked; the change itself can be seen.`
    case 'edited-into':
      return `I do not act on a comment that became a command by an edit, or that somebody else has edited. Write it as a new comment, and I begin.`
    case 'over-budget':
      return `${dollars(saying.asked)} is more than a task may cost here: up to ${dollars(saying.most)}. Say \`${trigger} budget ${Math.floor(saying.most * 100) / 100}\`, ask for less at a time, or ask your Errand operator for more.`
    case 'no-agent':
      return `There is no agent ${inlineCode(saying.agent)} here. Say \`--agent ${saying.agents.join('`, `--agent ')}\`, or leave the flag out.`
    case 'pipeline-is-the-bases':
      return `${pipelineFailed(saying.pipeline)} The same fails on ${inlineCode(saying.base)}, so it does not come from this change, and I leave it. To have it repaired all the same, reply with that.`
    case 'pipeline-given-up':
      return `${pipelineFailed(saying.pipeline)} I have tried to repair it ${saying.tries === 1 ? 'once' : `${saying.tries} times`}, and stop here. Reply with what I should try, or look at the log of the pipeline yourself.`
  }
}

function refused(refusal: Refusal): string {
  switch (refusal.why) {
    case 'not-a-member':
      return `Sorry, I only work for members of this project with the role ${role(refusal.needs)} or higher. A Maintainer of the project can add you, or ask in your place.`
    case 'role':
      return `Sorry, you need the role ${role(refusal.needs)} or higher in this project, and yours is ${role(refusal.has)}. A Maintainer of the project can change it, or ask in your place.`
    case 'not-active':
      return `Sorry, your account is \`${refusal.state}\` in GitLab, and I only work for active ones. An administrator can change that.`
    case 'not-listed':
      return `Sorry, \`.gitlab/agent.yml\` of this project says who may ask, and you are not among them. A Maintainer of the project can add you there, or ask in your place.`
  }
}

/** `Pipeline #5150 failed in `lint`, `test`.` */
function pipelineFailed({ id, url, jobs }: FailedPipeline): string {
  const named = jobs.slice(0, 5).map((job) => inlineCode(job))
  const more = jobs.length > named.length ? ` and ${jobs.length - named.length} more` : ''
  return `Pipeline [#${id}](${url}) failed in ${named.join(', ')}${more}.`
}

function line(task: Told, voice: Voice): string {
  const { prompt, state, asker } = task
  const what = prompt.length > 80 ? `${prompt.slice(0, 79)}…` : prompt
  return `${link(task, voice)} **${state}**: ${inlineCode(what)}, asked by \`@${asker}\``
}

function link({ id }: Told, { url }: Voice): string {
  return `[${id}](${url}/tasks/${id})`
}

function kilobytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024)} KB`
}
