/**
 * Runs an agent: its output into the log as it is understood, line by line, its activity told, and its end brought about
 * when it is stuck, out of time, told to stop, or lingers. Afterwards nothing that it started is left.
 */

import { spawn } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import type { Ending, Exit, Launch, Listener, Told } from './agents/agent.ts'
import { signalGroup } from './child.ts'
import { type Environment, mark } from './environment.ts'
import type { Places } from './given.ts'
import { hide } from './hide.ts'
import { endLeftovers } from './leftovers.ts'
import { splitLines } from './lines.ts'
import type { Log } from './log.ts'
import { unmarked } from './logMarks.ts'

/** Why an agent was ended by us. */
export type Cut = 'stuck' | 'deadline' | 'stopped' | 'lingered'

export type Supervised = { readonly ending: Ending; readonly cut?: Cut }

export type Supervision = {
  readonly launch: Launch
  readonly listener: Listener
  readonly places: Places
  readonly env: Environment
  readonly log: Log
  readonly tell: (activity: string) => void
  readonly stop: AbortSignal
  /** Milliseconds. */
  readonly limits: { readonly agent: number; readonly stuck: number }
}

const LONGEST_LINE = 16 * 1024 * 1024
const STEP = 5000
/** After its last word an agent may tidy up for so long. */
const LINGER = 30_000
/** After its end, so long for pipes that somebody still holds. */
const DRAIN = 1000
const TAIL = 2000

/** Resolves when the agent and everything it started are gone. */
export async function supervise(s: Supervision): Promise<Supervised> {
  const bringBack = hide(s.places, s.launch.hidden ?? [])
  try {
    return await attend(s)
  } finally {
    bringBack()
  }
}

async function attend(s: Supervision): Promise<Supervised> {
  const child = spawn(s.launch.file, s.launch.args, {
    cwd: s.places.repo,
    env: { ...s.env, ...s.launch.env },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const { pid } = child
  if (pid === undefined) {
    const error = await new Promise<Error>((known) => child.once('error', known))
    const message = `\`${s.launch.file}\` could not be started (${error.message}). Is it in the image's PATH?`
    return { ending: { warnings: [], failure: { cause: 'agent-error', message } } }
  }
  writeFileSync(s.places.agentPid, String(pid))

  let cut: Cut | undefined
  const steps: NodeJS.Timeout[] = []
  const end = (why: Cut) => {
    if (cut !== undefined) return
    cut = why
    signalGroup(pid, 'SIGINT')
    steps.push(setTimeout(() => signalGroup(pid, 'SIGTERM'), STEP))
    steps.push(setTimeout(() => signalGroup(pid, 'SIGKILL'), 2 * STEP))
  }
  const stopped = () => end('stopped')
  s.stop.addEventListener('abort', stopped)
  if (s.stop.aborted) stopped()
  const deadline = setTimeout(() => end('deadline'), s.limits.agent)
  let quiet = setTimeout(() => end('stuck'), s.limits.stuck)
  const heardSomething = (done: boolean) => {
    clearTimeout(quiet)
    quiet = done ? setTimeout(() => end('lingered'), LINGER) : setTimeout(() => end('stuck'), s.limits.stuck)
  }

  let told: Told[] = []
  let pending: (string | Buffer)[] = []
  const take = (now: readonly Told[]) => {
    told.push(...now)
    for (const one of now) if (one.kind === 'log') pending.push(`${one.text}\n`)
  }
  const lines = splitLines(
    LONGEST_LINE,
    (line) => take(s.listener.hear(line)),
    (piece) => pending.push(piece),
  )
  const asides = splitLines(
    LONGEST_LINE,
    (line) => {
      pending.push(`${unmarked(line)}\n`)
      take(s.listener.overhear?.(line) ?? [])
    },
    (piece) => pending.push(piece),
  )
  const hear = () => {
    s.log.write(Buffer.concat(pending.map((piece) => Buffer.from(piece))))
    pending = []
    const activity = told.findLast((one) => one.kind === 'activity')
    if (activity?.kind === 'activity') s.tell(activity.text)
    heardSomething(told.at(-1)?.kind === 'done')
    told = []
  }
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    lines.push(chunk)
    hear()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-TAIL)
    asides.push(chunk)
    hear()
  })
  // An agent that does not read its whole prompt closes the pipe.
  child.stdin.on('error', () => undefined)
  child.stdin.end(s.launch.input)

  const closed = new Promise<void>((done) => child.once('close', () => done()))
  const exit = await new Promise<Omit<Exit, 'said'>>((done) => {
    child.once('exit', (code, signal) => done({ code, signal }))
  })
  for (const timer of [deadline, quiet, ...steps]) clearTimeout(timer)
  s.stop.removeEventListener('abort', stopped)
  signalGroup(pid, 'SIGKILL')
  const left = endLeftovers(mark)
  await Promise.race([closed, new Promise((done) => setTimeout(done, DRAIN))])
  child.stdout.destroy()
  child.stderr.destroy()
  clearTimeout(quiet)
  lines.end()
  asides.end()
  hear()
  clearTimeout(quiet)
  rmSync(s.places.agentPid, { force: true })
  if (left > 0) s.log.line(`ended ${left} process${left === 1 ? '' : 'es'} that the agent had left running`)
  return { ending: s.listener.end({ ...exit, said: said.trim() }), ...(cut === undefined ? {} : { cut }) }
}
