/** `npm run demo`: a GitLab to try it with, Redis, and all of Errand, on this machine alone. */

import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Redis } from 'ioredis'
import { stringify } from 'yaml'
import { type Config, type Environment, ownEnvironment, readConfig } from '../config.ts'
import { findProgram, firstOnPath } from '../local/program.ts'
import { startRedis } from '../local/redis.ts'
import { endRuns } from '../local/runner.ts'
import { createLogger } from '../log.ts'
import { PREFIX } from '../redis/connection.ts'
import { startSandbox } from '../sandbox/sandbox.ts'
import { once } from './demoOnce.ts'
import { BOT, demoGitLab } from './demoWorld.ts'
import { lockFolder } from './lock.ts'
import { narrator } from './narrate.ts'
import { runsFolder } from './runs.ts'
import { start } from './start.ts'
import { StartError } from './startError.ts'

const FLAGS = {
  port: { type: 'string', default: '8080' },
  'door-port': { type: 'string', default: '8081' },
  'gitlab-port': { type: 'string', default: '8929' },
  data: { type: 'string' },
  agent: { type: 'string' },
  once: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

const HELP = `npm run demo -- [flags]

  --once PROMPT       comment PROMPT, wait for the merge request, print it and its diff, end
  --agent NAME        claude or rehearsal (an agent without a model); without it, whichever can run here
  --data DIR          keep everything in DIR, and go on from there the next time
  --port N            Errand's port, 8080
  --door-port N       the door's port, 8081
  --gitlab-port N     the sandbox GitLab's port, 8929`

const AGENTS: readonly string[] = ['claude', 'rehearsal']

const say = (line: string): void => console.log(line)

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: FLAGS })
  if (values.help) return say(HELP)
  const environment = ownEnvironment()
  const stopped = new Promise<'stopped'>((resolve) => {
    // Again and again: an impatient second Ctrl-C must not leave behind what the first one is ending.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve('stopped'))
  })
  await using stack = new AsyncDisposableStack()
  stack.defer(() => lastExit())
  const { agent, why } = await chooseAgent(values.agent, environment)
  await need('git', environment)
  const data = await dataFolder(values.data, stack)
  stack.use(await lockFolder(data))
  const redisUrl = await redisFor(environment, data, values.data !== undefined, stack)
  const gitlab = await startSandbox({ port: portOf(values['gitlab-port']), data: join(data, 'gitlab') }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error
      throw new StartError(
        `Port ${values['gitlab-port']} is taken, so the sandbox GitLab cannot listen there: choose another with --gitlab-port.`,
      )
    },
  )
  stack.defer(() => gitlab.close())
  const secret = `whsec_${randomBytes(32).toString('base64')}`
  const config = await demoConfig(values, environment, { gitlab: gitlab.url, redisUrl, secret, data, agent })
  const errand = await start(
    config,
    createLogger(
      'info',
      narrator((line) => say(`  ${line}`)),
    ),
  )
  stack.defer(async () => {
    // With its Redis gone it would wait for that to come back.
    await Promise.race([errand[Symbol.asyncDispose](), sleep(5000)])
    await endRuns(runsFolder(config))
  })
  const world = demoGitLab(gitlab.url)
  await world.installHook(`${config.url}/hook`, secret)
  greet({ config, gitlab: gitlab.url, redisUrl, data, agent, why })
  if (values.once === undefined) await stopped
  else process.exitCode = await once(values.once, world, redisUrl, stopped)
  say('Ending …')
}

/** Whatever still hangs on to something that is gone must not keep us: everything of ours has been ended by now. */
function lastExit(): void {
  setTimeout(() => process.exit(), 1000).unref()
  setImmediate(() => process.exit())
}

async function chooseAgent(wanted: string | undefined, environment: Environment) {
  if (wanted !== undefined) {
    if (!AGENTS.includes(wanted)) throw new StartError(`"${wanted}" is no agent: give --agent ${AGENTS.join(' or ')}.`)
    return { agent: wanted, why: 'as --agent says' }
  }
  const claude = await firstOnPath(['claude'], environment.PATH ?? '')
  const credentials = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_BASE_URL'].filter(
    (name) => environment[name],
  )
  if (claude !== undefined && credentials.length > 0)
    return { agent: 'claude', why: `${claude} is there and ${credentials[0]} is set` }
  const missing =
    claude === undefined ? '`claude` is not on the PATH' : 'neither ANTHROPIC_API_KEY nor ANTHROPIC_BASE_URL is set'
  return { agent: 'rehearsal', why: `no model is used, since ${missing}` }
}

async function need(program: 'git' | 'redis', environment: Environment): Promise<string> {
  const found = await findProgram(program, environment.PATH ?? '', say)
  if ('missing' in found) throw new StartError(found.missing)
  return found.path
}

async function dataFolder(wanted: string | undefined, stack: AsyncDisposableStack): Promise<string> {
  if (wanted !== undefined) {
    await mkdir(wanted, { recursive: true }).catch((error: Error) => {
      throw new StartError(`--data: ${error.message}`)
    })
    return resolve(wanted)
  }
  const folder = await mkdtemp(join(tmpdir(), 'errand-demo-'))
  stack.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }))
  return folder
}

async function redisFor(
  environment: Environment,
  data: string,
  keeps: boolean,
  stack: AsyncDisposableStack,
): Promise<string> {
  const given = environment.REDIS_URL
  if (given === undefined || given === '') {
    const redis = await startRedis(await need('redis', environment), join(data, 'redis'))
    stack.defer(() => redis.stop())
    return redis.url
  }
  // A new sandbox counts its notes from the beginning: an old demo's records would be taken for its own.
  const redis = new Redis(given, { maxRetriesPerRequest: 2 })
  redis.on('error', () => {})
  const used = await redis.exists(`${PREFIX}:gitlab`).catch((error: Error) => {
    throw new StartError(`REDIS_URL: ${given} does not answer (${error.message}).`)
  })
  redis.disconnect()
  if (used === 1 && !keeps)
    throw new StartError(
      'REDIS_URL names a Redis that holds tasks already: give the demo an empty one, or unset REDIS_URL.',
    )
  return given
}

type Chosen = { gitlab: string; redisUrl: string; secret: string; data: string; agent: string }

async function demoConfig(
  values: { port: string; 'door-port': string },
  environment: Environment,
  { gitlab, redisUrl, secret, data, agent }: Chosen,
): Promise<Config> {
  const port = portOf(values.port)
  const doorPort = portOf(values['door-port'])
  const file = join(data, 'errand.yaml')
  const settings = {
    agent: { name: agent },
    listen: { port },
    door: { port: doorPort },
    // Nobody has an account at the sandbox to log in with.
    login: { actAs: 'developer' },
  }
  await writeFile(file, stringify(settings))
  return readConfig({
    ...environment,
    ERRAND_CONFIG: file,
    GITLAB_URL: gitlab,
    GITLAB_TOKEN: BOT,
    WEBHOOK_SECRETS: secret,
    REDIS_URL: redisUrl,
    ERRAND_URL: `http://127.0.0.1:${port}`,
    ERRAND_DOOR_URL: `http://127.0.0.1:${doorPort}`,
    ERRAND_KEY: await keyIn(join(data, 'key')),
    ERRAND_RUNNER: 'local',
    ERRAND_DATA: data,
  })
}

/** Kept with the data: runs that an earlier demo left there hold credentials made with it. */
async function keyIn(file: string): Promise<string> {
  await writeFile(file, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    },
  )
  return readFile(file, 'utf8')
}

function portOf(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new StartError(`"${text}" is no port: give a number from 1 to 65535.`)
  return port
}

function withoutPassword(url: string): string {
  const shown = new URL(url)
  shown.username = ''
  shown.password = ''
  return shown.href
}

type Greeting = { config: Config; gitlab: string; redisUrl: string; data: string; agent: string; why: string }

function greet({ config, gitlab, redisUrl, data, agent, why }: Greeting): void {
  say(`
Errand runs, for this machine only:
  GitLab (sandbox)  ${gitlab}/demo/shop
  Errand            ${config.url}
  the door          ${config.doorUrl}
  Redis             ${withoutPassword(redisUrl)}
  data              ${data}
  agent             ${agent}: ${why}
A run here is a plain child process: nothing isolates it from your account. In production it is a Kubernetes Job.

Ask for something: open ${gitlab}/demo/shop/-/issues/1
and comment /agent add a health check. Watch it at ${config.url}

Without a browser, in another terminal:

  curl -X POST ${gitlab}/api/v4/projects/1/issues/1/notes \\
    -H 'PRIVATE-TOKEN: glpat-demo-developer' -H 'Content-Type: application/json' \\
    -d '{"body": "/agent add a health check"}'

What happens, as it happens (Ctrl-C ends everything):
`)
}
