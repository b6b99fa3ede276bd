/** The seam as child processes of this machine, for trying and for developing: it isolates nothing. */

import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Given } from '../../runtime/protocol.ts'
import type { Run, Runner } from '../tasks/runner.ts'
import type { Task } from '../tasks/task.ts'
import type { TaskId } from '../tasks/taskId.ts'
import { processesIn, signal, startOf } from './processes.ts'

export type LocalOptions = {
  /** A folder of its own; runs that an earlier process left there are adopted. */
  readonly folder: string
  readonly door: string
  /** All that a run sees of our environment. */
  readonly environment: Readonly<Record<string, string>>
  sign(task: TaskId, attempt: number): string
  /** Milliseconds a stopped run may take to save its work. */
  readonly grace: number
}

const ENTRYPOINT = fileURLToPath(new URL('../../runtime/entrypoint.ts', import.meta.url))
const CLAIM = new URL('./claim.ts', import.meta.url).href
/** Milliseconds in which a launched process has said who it is, even on a busy machine. */
const CLAIMING = 20_000
const POLL = 300
/** The task's record, in the folder of its run. */
const RECORD = 'task.json'

export function createLocalRunner(options: LocalOptions): Runner {
  const folderOf = (task: TaskId, attempt: number) => join(options.folder, `${task}-${attempt}`)
  const stopping = new Set<string>()

  /** The entrypoint ends its agent and pushes what there is; whatever is left after the grace is killed. */
  async function stopGently(folder: string): Promise<void> {
    if (stopping.has(folder)) return
    stopping.add(folder)
    try {
      const until = Date.now() + options.grace
      const run = await seeFolder(folder)
      const claim = await readClaim(folder)
      if (run.is === 'running' && claim !== undefined) signal(claim.pid, 'SIGTERM')
      while (Date.now() < until && (await seeFolder(folder)).is === 'running') await sleep(POLL)
      await end(folder)
    } finally {
      stopping.delete(folder)
    }
  }

  return {
    async see(task) {
      const others = (await runFolders(options.folder)).filter(
        (run) => run.task === task.id && run.attempt !== task.attempt,
      )
      for (const { name } of others) await end(join(options.folder, name))
      return seeFolder(folderOf(task.id, task.attempt))
    },
    async launch(task) {
      const folder = folderOf(task.id, task.attempt)
      if ((await seeFolder(folder)).is === 'absent') await start(folder, task, options)
    },
    async stop(task) {
      const folder = folderOf(task.id, task.attempt)
      const run = await seeFolder(folder)
      if (run.is === 'absent' || run.is === 'ended') return end(folder)
      // A stop takes as long as the push does; the look must not wait for it.
      void stopGently(folder).catch(() => stopping.delete(folder))
    },
    async *changes(aborted) {
      let before = new Map<string, string>()
      while (!aborted.aborted) {
        const now = new Map<string, string>()
        for (const { name, task } of await runFolders(options.folder)) {
          const { is } = await seeFolder(join(options.folder, name))
          now.set(name, is)
          if (before.get(name) !== is) yield task
        }
        for (const [name] of before) if (!now.has(name)) yield taskOf(name).task
        before = now
        await sleep(POLL, undefined, { signal: aborted }).catch(() => {})
      }
    },
  }
}

/** The tasks whose runs are there, as they were when they were launched: for a Redis that was emptied. */
export async function localTasks(folder: string): Promise<readonly Task[]> {
  const texts = await Promise.all(
    (await runFolders(folder)).map(({ name }) => readFile(join(folder, name, RECORD), 'utf8').catch(() => '')),
  )
  return texts.map((text) => parse<Task>(text)).filter((task) => task !== undefined)
}

/** Ends every run below this folder at once, without saving anything. */
export async function endRuns(folder: string): Promise<void> {
  await Promise.all((await runFolders(folder)).map(({ name }) => end(join(folder, name))))
}

async function end(folder: string): Promise<void> {
  // First by name (a run has a group of its own, and so has its agent), then whatever else still lives there.
  const claim = await readClaim(folder)
  if (claim?.start !== undefined && (await startOf(claim.pid)) === claim.start) signal(-claim.pid, 'SIGKILL')
  const agent = Number(await readFile(join(folder, 'workspace', 'agent.pid'), 'utf8').catch(() => '0'))
  if (agent > 1) signal(-agent, 'SIGKILL')
  for (const pid of await processesIn(`${folder}/`)) signal(pid, 'SIGKILL')
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
}

async function start(folder: string, task: Task, options: LocalOptions): Promise<void> {
  const workspace = join(folder, 'workspace')
  const credential = join(folder, 'credential')
  await mkdir(workspace, { recursive: true, mode: 0o700 })
  await writeFile(join(folder, RECORD), JSON.stringify(task))
  await writeFile(credential, options.sign(task.id, task.attempt), { mode: 0o600 })
  const given: Given = {
    ERRAND_DOOR: options.door,
    ERRAND_CREDENTIAL_FILE: credential,
    ERRAND_WORKSPACE: workspace,
    ERRAND_TERMINATION_FILE: join(folder, 'last-words.json'),
  }
  const output = openSync(join(folder, 'output.log'), 'a')
  try {
    const files = [join(folder, 'pid.json'), join(folder, 'exit.json')]
    // A session of its own: it must live on when Errand is restarted, and a Ctrl-C in our terminal is not meant for it.
    const child = spawn(process.execPath, ['--import', CLAIM, ENTRYPOINT, '--', ...files], {
      cwd: workspace,
      env: { ...options.environment, ...given },
      detached: true,
      stdio: ['ignore', output, output],
    })
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
    child.unref()
  } finally {
    closeSync(output)
  }
}

async function readClaim(folder: string): Promise<{ pid: number; start?: string; at: number } | undefined> {
  const text = await readFile(join(folder, 'pid.json'), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : parse(text)
}

async function seeFolder(folder: string): Promise<Run> {
  const claim = await readClaim(folder)
  if (claim === undefined) {
    const made = await stat(join(folder, 'credential')).catch(() => undefined)
    const fresh = made !== undefined && Date.now() - made.mtimeMs < CLAIMING
    return fresh ? { is: 'waiting', why: '' } : { is: 'absent' }
  }
  const exit = await readFile(join(folder, 'exit.json'), 'utf8').catch(() => undefined)
  if (exit !== undefined) {
    const code = parse<{ code: number }>(exit)?.code
    return { is: 'ended', exit: code, why: `the run ended with exit code ${code} and left no outcome` }
  }
  const alive = claim.start !== undefined && (await startOf(claim.pid)) === claim.start
  if (alive) return { is: 'running', since: claim.at }
  // It may have written its exit code between the two looks.
  const late = await readFile(join(folder, 'exit.json'), 'utf8').catch(() => undefined)
  return late === undefined ? { is: 'ended', exit: undefined, why: 'the process was killed' } : seeFolder(folder)
}

/** A file that a kill cut off is as good as none. */
function parse<T = { pid: number; start?: string; at: number }>(text: string): T | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function runFolders(folder: string): Promise<readonly { name: string; task: TaskId; attempt: number }[]> {
  const names = await readdir(folder).catch(() => [])
  return names.filter((name) => /^.+-\d+$/.test(name)).map((name) => ({ name, ...taskOf(name) }))
}

function taskOf(name: string): { task: TaskId; attempt: number } {
  const dash = name.lastIndexOf('-')
  return { task: name.slice(0, dash), attempt: Number(name.slice(dash + 1)) }
}
