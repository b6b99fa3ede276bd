/** Runs a program to its end: output into the log, a process group of its own, ended with its group when time is up. */

import { spawn } from 'node:child_process'
import type { Environment } from './environment.ts'
import type { Log } from './log.ts'

export type Ended = {
  /** Null when a signal ended it, or when it could not be started. */
  readonly code: number | null
  /** Its stdout where that was captured. */
  readonly output: string
  /** The last of what it wrote into the log. */
  readonly said: string
  /** Set when our signal ended it, not it itself. */
  readonly cut: boolean
}

export type How = {
  readonly cwd: string
  readonly env: Environment
  readonly log: Log
  /** Aborted: TERM to the group, and five seconds later KILL. */
  readonly signal: AbortSignal
  /** Text for its stdin; without it stdin is empty. */
  readonly input?: string
  /** Capture stdout instead of logging it; for short answers of git. */
  readonly capture?: boolean
}

const TAIL = 2000
const KILL_AFTER = 5000
/** Captured output beyond this is an error: what we ask git for is names and counts. */
const CAPTURE = 64 * 1024 * 1024

/** Signals a process group; one that is gone already is fine. */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/**
 * Starts `file` without a shell and waits for it. A program that cannot be started ends with code null and the reason in
 * `said`. It leads a group of its own, so that a signal to our group (a Ctrl-C) does not tear a commit or a push.
 */
export function runChild(file: string, args: readonly string[], how: How): Promise<Ended> {
  const { log, signal } = how
  const from = log.size()
  return new Promise((resolve, reject) => {
    if (signal.aborted) return resolve({ code: null, output: '', said: '', cut: true })
    const child = spawn(file, args, {
      cwd: how.cwd,
      env: how.env,
      detached: true,
      stdio: [how.input === undefined ? 'ignore' : 'pipe', how.capture ? 'pipe' : log.descriptor, log.descriptor],
    })
    const { pid } = child
    let cut = false
    let kill: NodeJS.Timeout | undefined
    const end = () => {
      if (pid === undefined) return
      cut = true
      signalGroup(pid, 'SIGTERM')
      kill = setTimeout(() => signalGroup(pid, 'SIGKILL'), KILL_AFTER)
    }
    signal.addEventListener('abort', end, { once: true })
    const chunks: Buffer[] = []
    let bytes = 0
    child.stdout?.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= CAPTURE) chunks.push(chunk)
    })
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(how.input)
    const settle = (code: number | null, said: string) => {
      signal.removeEventListener('abort', end)
      clearTimeout(kill)
      if (bytes > CAPTURE) reject(new Error(`${file} ${args[0]} wrote more than ${CAPTURE} bytes`))
      else resolve({ code, output: Buffer.concat(chunks).toString('utf8'), said, cut })
    }
    child.on('error', (error) => {
      if (pid === undefined) settle(null, error.message)
    })
    child.on('close', (code) => {
      if (pid !== undefined) signalGroup(pid, 'SIGKILL')
      settle(code, log.tail(from, TAIL))
    })
  })
}
