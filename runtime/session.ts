/**
 * The session: what an agent remembers of a conversation goes to the door at the end, and comes back before the agent of a
 * follow-up, or of the next attempt, begins (README.md, clause 14).
 */

import { mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Agent } from './agents/agent.ts'
import { pack } from './archive.ts'
import { LARGEST_SESSION } from './protocol.ts'
import type { Surroundings } from './surroundings.ts'
import { Damaged, unpack } from './unarchive.ts'
import { graceAfter, within } from './wait.ts'

/** The archive's first file. Without a name there is nothing to go on with: the memory was too large to be kept. */
type Note = { readonly session?: string }

const NOTE = 'session.json'
const LARGEST_NOTE = 4096
/** Names that agents give to conversations; as an argument none of them is an option. */
const NAME = /^[A-Za-z0-9][\w.:-]{0,199}$/

const PLACE = '/v1/session'
/** Milliseconds after a stop within which it is saved, and for one try to send it. */
const GRACE = 80_000
const TRY = 120_000

/** Puts the agent's memory back below its home; the answer is its name of the conversation, where there is one to go on with. */
export async function restoreSession(around: Surroundings, agent: Agent): Promise<string | undefined> {
  const { start, door, stop, log, warn } = around
  const { home, memory } = start.places
  const reply = await door.insist('GET', PLACE, { limit: TRY }, within(start.patience, stop.signal))
  if (reply.kind !== 'answer' || reply.status !== 200) {
    const why = reply.kind === 'answer' ? 'is no longer kept' : 'could not be fetched'
    if (!stop.signal.aborted)
      warn(`What the agent remembered of this conversation ${why}: it started with a fresh memory.`)
    return undefined
  }
  try {
    rmSync(memory, { recursive: true, force: true })
    mkdirSync(memory, { mode: 0o700 })
    await unpack(reply.body, memory)
    const session = readNote(join(memory, NOTE))
    if (session === undefined) return undefined
    for (const path of agent.memory) move(join(memory, path), join(home, path))
    log.line(`goes on with the session ${session} (${megabytes(reply.body.length)} MB)`)
    return session
  } catch (error) {
    if (!(error instanceof Damaged)) throw error
    warn(
      `What the agent remembered of this conversation is damaged (${error.message}): it started with a fresh memory.`,
    )
    return undefined
  } finally {
    rmSync(memory, { recursive: true, force: true })
  }
}

function readNote(file: string): string | undefined {
  try {
    if (statSync(file).size < LARGEST_NOTE) {
      const { session } = JSON.parse(readFileSync(file, 'utf8')) as { readonly session?: unknown }
      if (session === undefined) return undefined
      if (typeof session === 'string' && NAME.test(session)) return session
    }
  } catch {
    // As damaged as any other.
  }
  throw new Damaged('it does not name the conversation')
}

function move(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  try {
    renameSync(from, to)
  } catch (error) {
    // The agent has had no such memory.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}

/** Sends the agent's memory to the door; where it has none, or cannot be kept, that is said. */
export async function saveSession(around: Surroundings, agent: Agent, session: string | undefined): Promise<void> {
  const { start, stop, log, tell, warn } = around
  if (session === undefined || agent.memory.length === 0) return
  tell('saves what it remembers')
  const signal = within(start.patience, graceAfter(stop.signal, GRACE))
  const note: Note = NAME.test(session) ? { session } : {}
  // The door may still have what was remembered before.
  const lost = 'the next comment will know nothing of this run.'
  try {
    const { archive, size } = await pack(start.places.home, agent.memory, asFile(note), LARGEST_SESSION, signal)
    if (archive === undefined) {
      const most = megabytes(LARGEST_SESSION)
      warn(
        `What the agent remembers has ${megabytes(size)} MB, more than the ${most} MB that are kept: the next comment starts with a fresh memory.`,
      )
    }
    // In the place of one that is too large there is an empty one, so that nobody goes on with an older memory.
    const body = archive ?? (await pack(start.places.home, [], asFile({}), LARGEST_SESSION, signal)).archive
    const sent = body === undefined ? 'nothing to send' : await send(around, body, signal)
    if (sent !== undefined) warn(`What the agent remembers could not be kept (${sent}): ${lost}`)
    else if (archive !== undefined) log.line(`saved the session ${session} (${megabytes(size)} MB)`)
  } catch (error) {
    // The work is pushed: whatever goes wrong here does not undo it.
    const why = signal.aborted ? 'in time' : `(${error instanceof Error ? error.message : error})`
    warn(`What the agent remembers could not be kept ${why}: ${lost}`)
  }
}

/** Why it was not taken. */
async function send(
  { door }: Surroundings,
  body: Buffer<ArrayBuffer>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const headers = { 'content-type': 'application/gzip' }
  const reply = await door.insist('PUT', PLACE, { headers, body, limit: TRY }, signal)
  switch (reply.kind) {
    case 'answer':
      return reply.status < 300 ? undefined : `the door answered ${reply.status}`
    case 'away':
      return reply.why
    case 'closed':
      return 'the attempt is over'
  }
}

function asFile(note: Note): { readonly name: string; readonly text: string } {
  return { name: NOTE, text: JSON.stringify(note) }
}

/** Rounded up, so that what is over a limit is never told as the limit. */
function megabytes(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / (1024 * 1024)))
}
