/** Reads what the container is given (README.md, clause 1). Nothing else in runtime/ looks at the process's environment. */

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The folders and files of one attempt, all below the workspace (README.md, clause 4). */
export type Places = {
  readonly root: string
  /** The clone; the agent's working directory. */
  readonly repo: string
  /** HOME of set-up and agent: fresh, and shared by the two, so that what set-up installs is found. */
  readonly home: string
  readonly tmp: string
  readonly log: string
  /** The process group of the agent while it lives, so that whoever must kill the run can kill it too. */
  readonly agentPid: string
  /** Our own git's directory: made after the agent has ended, so nothing the agent wrote configures it. */
  readonly git: string
  /** A work tree of our own, for a rebase. */
  readonly rebase: string
  /** Contents of LFS files, for the agent's git and ours alike. */
  readonly lfs: string
  /** What an agent remembers, while it is unpacked. */
  readonly memory: string
}

/** One attempt's beginning: where the door is, what opens it, and where things go. */
export type Start = {
  readonly door: string
  readonly credential: string
  readonly terminationFile: string
  /** Milliseconds for which an unreachable door is tried again before it counts as closed. */
  readonly patience: number
  readonly places: Places
  /** The environment we were started in; children get an allow-list of it. */
  readonly outer: Readonly<Record<string, string | undefined>>
}

const HOUR_SECONDS = 3600

/** The places below a workspace. Pure. */
function placesBelow(workspace: string): Places {
  const root = resolve(workspace)
  return {
    root,
    repo: join(root, 'repo'),
    home: join(root, 'home'),
    tmp: join(root, 'tmp'),
    log: join(root, 'log'),
    agentPid: join(root, 'agent.pid'),
    git: join(root, 'git'),
    rebase: join(root, 'rebase'),
    lfs: join(root, 'lfs'),
    memory: join(root, 'memory'),
  }
}

/** The environment → a `Start`. Throws with one sentence when something is missing: there is nobody else to tell. */
export function readGiven(outer: Readonly<Record<string, string | undefined>>): Start {
  const need = (name: string): string => {
    const value = outer[name]
    if (value === undefined || value === '') throw new Error(`${name} is not set; see runtime/README.md, clause 1.`)
    return value
  }
  const door = need('ERRAND_DOOR').replace(/\/+$/, '')
  if (!/^https?:\/\//.test(door)) throw new Error('ERRAND_DOOR must be an http or https address.')
  const credential = readFileSync(need('ERRAND_CREDENTIAL_FILE'), 'utf8').trim()
  if (!/^[\x21-\x7e]+$/.test(credential)) throw new Error('ERRAND_CREDENTIAL_FILE does not hold a credential.')
  const patience = Number(outer.ERRAND_PATIENCE ?? HOUR_SECONDS)
  if (!(patience > 0)) throw new Error('ERRAND_PATIENCE must be a number of seconds.')
  return {
    door,
    credential,
    terminationFile: need('ERRAND_TERMINATION_FILE'),
    patience: patience * 1000,
    places: placesBelow(need('ERRAND_WORKSPACE')),
    outer,
  }
}
