/** What is wrong with a flag, in words, and how it is written right. */

import { type BadFlag, FLAGS, type FlagName, LEAST_BUDGET, MOST_BUDGET } from '../tasks/commandFlags.ts'
import { inlineCode } from './inert.ts'

/** A flag as it is written right. */
const EXAMPLES: Readonly<Record<FlagName, string>> = {
  agent: '--agent claude',
  model: '--model opus',
  branch: '--branch main',
  budget: '--budget 5',
  draft: '--draft',
}

export function flagWords(bad: Omit<BadFlag, 'command'>, trigger: string): string {
  return `${trouble(bad, trigger)} Nothing was started: comment again.`
}

function trouble({ flag, why, value = '', nearest }: Omit<BadFlag, 'command'>, trigger: string): string {
  const written = inlineCode(flag)
  const name = FLAGS.find((known) => flag.toLowerCase().replace(/^-+/, '') === known)
  // The order `budget 5` has the troubles of the flag.
  const example = name === undefined ? '' : flag.startsWith('-') ? EXAMPLES[name] : `${trigger} budget 5`
  switch (why) {
    case 'unknown':
      if (nearest !== undefined) return `I don't know ${written}. Did you mean \`--${nearest}\`?`
      return `I don't know the flag ${written}; I know ${list()}. If it is part of what is to be done, write \`--\` before it: \`${trigger} -- ${flag.replaceAll('`', "'")} …\`.`
    case 'no-value':
      return `${written} needs a value behind it: \`${example}\`.`
    case 'takes-no-value':
      return `${written} takes no value: write just \`${example}\`, or leave it out.`
    case 'not-a-number':
      return `${written} takes a number of US dollars, as in \`${example}\`; ${inlineCode(value)} is none.`
    case 'too-small':
    case 'too-large':
      return `${written} takes ${LEAST_BUDGET} to ${MOST_BUDGET} US dollars, as in \`${example}\`; ${inlineCode(value)} is too ${why === 'too-small' ? 'little' : 'much'}.`
    case 'not-a-name':
      return `${inlineCode(value)} cannot be the name of ${name === 'branch' ? 'a branch' : name === 'agent' ? 'an agent' : 'a model'}. ${written} takes one, as in \`${example}\`.`
    case 'twice':
      return `${written} stands there twice. Leave one of them out.`
    case 'not-here':
      return `${written} does not go with this order: before \`${trigger} <what to do>\` and \`plan\` every flag does, with \`retry\` and \`go\` all but \`--branch\`.`
  }
}

function list(): string {
  return FLAGS.map((name) => `\`${EXAMPLES[name]}\``).join(', ')
}
