/** `errand <command>`: the composition root. Each command introduces the parts it needs to each other. */

import { StartError } from './commands/startError.ts'
import { ConfigError } from './config.ts'

type Command = { readonly about: string; load(): Promise<{ run(args: readonly string[]): Promise<unknown> }> }

const COMMANDS: Readonly<Record<string, Command>> = {
  start: { about: 'everything in one process: serve, work and door', load: () => import('./commands/start.ts') },
  serve: { about: 'takes webhooks, shows tasks', load: () => import('./commands/serve.ts') },
  work: { about: 'does the tasks', load: () => import('./commands/work.ts') },
  door: { about: 'the address that the runs talk to', load: () => import('./commands/door.ts') },
  doctor: {
    about: 'checks what Errand needs, and says what to do',
    load: () => import('./commands/doctor.ts'),
  },
  audit: {
    about: 'who asked what, and what was pushed, as JSON lines; --help lists its flags',
    load: () => import('./commands/audit.ts'),
  },
  deliveries: {
    about: 'retry|forget: what GitLab told and could not be received',
    load: () => import('./commands/deliveries.ts'),
  },
  hooks: {
    about: 'install|check PROJECT|GROUP…: the webhooks by which GitLab tells Errand',
    load: () => import('./commands/hooks.ts'),
  },
  demo: {
    about: 'a GitLab to try it with, and everything; --help lists its flags',
    load: () => import('./commands/demo.ts'),
  },
  sandbox: { about: 'that small GitLab alone', load: () => import('./commands/sandbox.ts') },
  explain: {
    about: 'FILE: what Errand would make of a webhook payload; calls nothing',
    load: () => import('./commands/explain.ts'),
  },
}

const [name = '', ...args] = process.argv.slice(2)
const command = COMMANDS[name]
if (command === undefined) {
  const list = Object.entries(COMMANDS).map(([word, { about }]) => `  ${word.padEnd(11)}${about}`)
  console.error(`errand <command>\n\n${list.join('\n')}`)
  process.exitCode = name === '' || name === 'help' || name === '--help' ? 0 : 2
} else {
  try {
    await (await command.load()).run(args)
  } catch (error) {
    // What the person who typed it can mend is a sentence; anything else is ours, with its stack.
    const known = error instanceof ConfigError || error instanceof StartError || isUsage(error)
    console.error(known ? error.message : error)
    process.exit(1)
  }
}

/** A flag that parseArgs does not know. */
function isUsage(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
}
