/** What the page and the API say when they cannot do what was asked: plain sentences, the cure in them. */

import type { Refusal } from './entry.ts'
import { nearest } from './nearest.ts'
import type { Unfit } from './newTask.ts'
import { role } from './roles.ts'
import { isFinal, type Task } from './task.ts'

/** A value that does not do; `field` is its name in what was asked. */
export type FieldProblem = { readonly field: string; readonly message: string }

export function refusalWords(refusal: Refusal): string {
  switch (refusal.why) {
    case 'not-a-member':
      return `You are not a member of this project. A Maintainer of it can add you, with the role ${role(refusal.needs)} or higher, or ask in your place.`
    case 'role':
      return `Your role in this project is ${role(refusal.has)}, and asking needs ${role(refusal.needs)} or higher. A Maintainer of the project can change that, or ask in your place.`
    case 'not-active':
      return `Your account is ${refusal.state} in GitLab, and only active ones may ask. An administrator can change that.`
    case 'not-listed':
      return 'The project says in .gitlab/agent.yml who may ask, and you are not among them. A Maintainer of it can add you there, or ask in your place.'
  }
}

export function unfitWords(unfit: Unfit): FieldProblem {
  switch (unfit.say) {
    case 'over-budget':
      return {
        field: 'budget',
        message: `$${unfit.asked.toFixed(2)} is more than a task may cost here: give up to $${unfit.most.toFixed(2)}, or ask your Errand operator for more.`,
      }
    case 'no-agent':
      return { field: 'agent', message: noneCalled('agent', unfit.agent, unfit.agents) }
    case 'empty-repository':
      return {
        field: 'repository',
        message: 'The repository is empty, so there is no branch to start from. Push a first commit, then ask again.',
      }
    case 'ask-first':
      return {
        field: 'repository',
        message:
          'More people can read this project than where it was asked, and what is pushed they can read too. Reply to Errand there to have it done all the same.',
      }
  }
}

/** Names of which one has to be chosen. */
export function noneCalled(what: string, written: string, known: readonly string[]): string {
  const meant = nearest(written, known)
  const cure =
    meant !== undefined
      ? `Did you mean ${meant}?`
      : known.length === 0
        ? 'Leave it out.'
        : `Choose ${known.slice(0, 20).join(', ')}${known.length > 20 ? ' or another' : ''}, or leave it out.`
  return `There is no ${what} ${short(written)} here. ${cure}`
}

export function noProject(named: string | number): string {
  return `There is no project ${short(String(named))} that you can see. Give its id, or its path as group/project.`
}

export function noBranch(name: string, path: string): string {
  return `There is no branch ${short(name)} in ${path}. Push it first, or leave it out to begin at the default branch.`
}

export function tooLong(bytes: number, limit: number): string {
  return `The prompt has ${kilobytes(bytes)}, and up to ${kilobytes(limit)} are taken. Put the long part into a file of the repository, and name the file.`
}

export const PROMPT_MISSING = 'Say what is to be done.'
export const ARCHIVED =
  'The project is archived, so nothing can be pushed to it. An Owner can take it out of the archive.'
export const PLACE_GONE =
  'What it was asked under is gone, or Errand may not see it any more. Ask for it as a new task instead.'
export const NOT_READABLE =
  'Not everybody may read what was asked. Who asked, or a Reporter of the project, can try it again.'

export function notStoppable({ state }: Task): string {
  return isFinal(state)
    ? 'It is over, so there is nothing to stop.'
    : 'It is being finished, and is not open to orders any more. Its result comes in a moment.'
}

export function notRetriable({ end }: Task): string {
  return end === undefined
    ? 'It is not over yet. Wait for its end, or stop it; then it can be tried again.'
    : 'It has worked, so there is nothing to try again. To have more done, ask for it, or reply on its merge request.'
}

export function goneOnWith(id: string): string {
  return `Task ${id} goes on with it already. Try that one again instead.`
}

export function notYours(asker: string): string {
  return `Only @${asker}, who asked, or a Maintainer of the project can stop it.`
}

function short(text: string): string {
  return text.length > 100 ? `${text.slice(0, 99)}…` : text
}

function kilobytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024)} KB`
}
