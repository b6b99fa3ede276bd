/**
 * The program that runs inside the agent's container: `node runtime/entrypoint.ts`, with the environment that README.md
 * clause 1 names. It ends with the outcome left at the door, and the exit code that says the same.
 */

import { existsSync, mkdirSync } from 'node:fs'
import { newTeller } from './activity.ts'
import { openDoor } from './door.ts'
import { mark } from './environment.ts'
import { DISK_FULL, isDiskFull } from './failed.ts'
import { readGiven, type Start } from './given.ts'
import { lastWordsOf, writeLastWords } from './lastWords.ts'
import { endLeftovers } from './leftovers.ts'
import { openLog } from './log.ts'
import { nameSecrets } from './masks.ts'
import { outcomeOf, type Parts, stopFailure } from './outcome.ts'
import { EXIT } from './protocol.ts'
import { fetchRequest } from './request.ts'
import { run } from './run.ts'
import { newStop } from './stop.ts'
import { startUpload } from './upload.ts'
import { graceAfter, within } from './wait.ts'

/** Milliseconds after a stop within which everything is over, with what comes before (keep.ts, session.ts) under 100 s. */
const FAREWELL = 95_000

async function main(start: Start): Promise<number> {
  const { places } = start
  const stop = newStop()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.ask('interrupted'))

  if (existsSync(places.repo) || existsSync(places.log)) {
    throw new Error(`${places.root} holds another attempt; see runtime/README.md, clause 4.`)
  }
  for (const folder of [places.repo, places.home, places.tmp]) mkdirSync(folder, { recursive: true })
  const log = openLog(places.log, () => stop.ask('disk-full'))
  const door = openDoor(start.door, start.credential, () => stop.ask('door-closed'))
  const upload = startUpload(log, door)
  const tell = newTeller(door, stop.signal)

  const warnings: string[] = []
  const warn = (sentence: string) => {
    warnings.push(sentence)
    log.line(`warning: ${sentence}`)
  }

  let parts: Parts
  try {
    const patience = within(start.patience, stop.signal)
    const isMasked = await nameSecrets(start, door, patience)
    const request = isMasked ? await fetchRequest(door, patience) : { odd: 'The door did not take the values to mask.' }
    if (request === 'closed') {
      const why = stop.why()
      if (why === undefined || why === 'door-closed') return EXIT['door-closed']
      parts = { failed: stopFailure(why), took: {} }
    } else if ('odd' in request) {
      parts = { failed: { failed: 'internal-error', message: request.odd }, took: {} }
    } else {
      log.line(`${request.task}, attempt ${request.attempt}, in ${request.project}`)
      parts = await run({ start, log, tell, stop, door, warn }, request)
    }
  } catch (error) {
    const words = error instanceof Error ? (error.stack ?? error.message) : String(error)
    log.line(words)
    const failed = isDiskFull(error) ? DISK_FULL : ({ failed: 'internal-error', message: words } as const)
    parts = { failed, took: {} }
  }
  const outcome = outcomeOf(parts, warnings)
  endLeftovers(mark)
  writeLastWords(start.terminationFile, lastWordsOf(outcome))
  if (stop.why() === 'door-closed') return EXIT['door-closed']

  const until = within(start.patience, graceAfter(stop.signal, FAREWELL))
  log.line(`the end: ${outcome.failure === undefined ? outcome.result : `failed, ${outcome.failure.cause}`}`)
  if (!(await upload.end(until))) console.error('errand: the door did not take the whole log')
  const body = JSON.stringify(outcome)
  const left = await door.insist('PUT', '/v1/outcome', { headers: { 'content-type': 'application/json' }, body }, until)
  if (left.kind === 'closed') return EXIT['door-closed']
  if (outcome.failure !== undefined) return EXIT[outcome.failure.cause]
  return left.kind === 'answer' && left.status < 300 ? EXIT.done : EXIT['door-closed']
}

try {
  const start = readGiven(process.env)
  process.on('uncaughtException', (error) => {
    console.error(error)
    writeLastWords(start.terminationFile, { cause: 'internal-error' })
    process.exit(EXIT['internal-error'])
  })
  process.exitCode = await main(start)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = EXIT['internal-error']
}
process.exit()
