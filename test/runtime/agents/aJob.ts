/** A job for an agent, and what people read of a recording: for tests of the agents' files alone. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Agent, Exit, Job, Told } from '../../../runtime/agents/agent.ts'
import { readGiven } from '../../../runtime/given.ts'
import type { Request } from '../../../runtime/protocol.ts'

export const ENDED: Exit = { code: 0, signal: null, said: '' }
export const CREDENTIAL = 'credential-of-this-attempt'

type Wish = Partial<Omit<Job, 'request'>> & {
  readonly request?: Partial<Request>
  /** Of the clone. */
  readonly files?: Readonly<Record<string, string>>
}

/** A run's folders, and what it was asked. */
export function newJob({ request = {}, files = {}, ...rest }: Wish = {}): Job {
  const folder = mkdtempSync(join(tmpdir(), 'errand-job-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'credential'), CREDENTIAL)
  const start = readGiven({
    ERRAND_DOOR: 'http://door:8081',
    ERRAND_CREDENTIAL_FILE: join(folder, 'credential'),
    ERRAND_WORKSPACE: folder,
    ERRAND_TERMINATION_FILE: join(folder, 'last-words'),
  })
  for (const place of [start.places.home, start.places.repo, start.places.tmp]) mkdirSync(place)
  for (const [path, text] of Object.entries(files)) put(start.places.repo, path, text)
  const limits = { clone: 60, setup: 60, agent: 60, stuck: 600, push: 60 }
  const asked = { task: '42-n1337', attempt: 1, prompt: 'Fix it.', subject: 'Fix it', branch: 'agent/42-n1337' }
  const rules = { base: 'main', agent: { name: 'any' }, mode: 'do', limits }
  return { start, request: { ...asked, ...rules, ...request } as Request, tools: [], ...rest }
}

/** Writes a file, with the folders above it. */
export function put(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

/** The argument after a flag. */
export const after = (args: readonly string[], flag: string) => args[args.indexOf(flag) + 1]

/** Told → the log as a person reads it. */
export const logOf = (told: readonly Told[]) => told.flatMap((one) => (one.kind === 'log' ? [one.text] : [])).join('\n')
export const activitiesOf = (told: readonly Told[]) =>
  told.flatMap((one) => (one.kind === 'activity' ? [one.text] : []))

/** Plays lines to the agent's listener; `recording` is a file of ../fixtures. */
export function hear(agent: Agent, job: Job, recording: string | readonly object[], exit: Exit = ENDED) {
  const listener = agent.listen(job)
  const lines =
    typeof recording === 'string'
      ? readFileSync(new URL(`../fixtures/${recording}.jsonl`, import.meta.url), 'utf8')
          .replaceAll('/workspace/repo', job.start.places.repo)
          .trim()
          .split('\n')
      : recording.map((event) => JSON.stringify(event))
  const told = lines.flatMap((line) => listener.hear(line))
  return { told, activities: activitiesOf(told), log: logOf(told), ending: listener.end(exit), listener }
}
