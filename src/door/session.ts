/** What the agent must remember: kept for the next run of the same chain and agent, and given to no other. */

import { pipeline } from 'node:stream/promises'
import type { Request, Response } from 'express'
import { LARGEST_SESSION } from '../../runtime/protocol.ts'
import type { AdmitNeeds, Admitted } from './admit.ts'

export type SessionNeeds = Pick<AdmitNeeds, 'standing' | 'log'> & {
  /** The sessions of the chain that a task belongs to, under its agent's name. */
  readonly sessions: {
    /** Throws, also while it is read, when it is gone. */
    open(task: string): Promise<{ readonly bytes: number; chunks(): AsyncIterable<Buffer> } | undefined>
    /** Replaces the old one when all bytes have come; leaves it when `bytes` throws. */
    save(task: string, bytes: AsyncIterable<Buffer>): Promise<'kept' | 'no room'>
  }
}

/** A reason to keep the old session, in words for the container. */
class NotKept extends Error {
  override readonly name = 'NotKept'
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const MB = LARGEST_SESSION / 1024 / 1024
const TOO_LARGE = `A session may have at most ${MB} MB, compressed; this one is not kept.`

/** `GET /v1/session`: 200 with the bytes, or 404. */
export async function giveSession(res: Admitted, { sessions, log }: SessionNeeds): Promise<void> {
  const { task, attempt } = res.locals.caller
  const session = await sessions.open(task)
  if (session === undefined) {
    res.status(404).json({ error: 'There is no session to go on with.' })
    return
  }
  res.type('application/gzip').set({ 'Content-Length': String(session.bytes), 'Cache-Control': 'no-store' })
  await pipeline(session.chunks(), res).catch((error: unknown) => {
    // Headers are out: the container sees bytes that broke off, and asks again.
    log.warn({ task, attempt, err: error }, 'a session broke off')
  })
}

/** `PUT /v1/session`: 204 when it is kept; 413, 400, 415 and 401 leave the old one. */
export async function takeSession(req: Request, res: Admitted, { sessions, standing, log }: SessionNeeds) {
  const { task, attempt } = res.locals.caller
  const refuse = (status: number, error: string) => {
    log.warn({ task, attempt, status, error }, 'a session was not kept')
    res.status(status).json({ error })
  }
  if (Number(req.headers['content-length'] ?? 0) > LARGEST_SESSION) return refuse(413, TOO_LARGE)
  if (req.headers['content-type'] !== 'application/gzip' || req.headers['content-encoding'] !== undefined)
    return refuse(415, 'A session is application/gzip, without another packing around it.')

  async function* bytes(): AsyncGenerator<Buffer> {
    let size = 0
    // What still comes after a refusal is thrown away by the server: a request that is destroyed takes the answer with it.
    for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > LARGEST_SESSION) throw new NotKept(413, TOO_LARGE)
      yield chunk
    }
    if (size === 0) throw new NotKept(400, 'A session has at least one byte.')
    // It may have taken long: what an attempt that is over remembers must not stand in the way of the one that goes on.
    if ((await standing(task, attempt)) !== 'current') throw new NotKept(401, 'This attempt of the task is over.')
  }

  try {
    if ((await sessions.save(task, bytes())) === 'kept') res.sendStatus(204)
    else refuse(413, 'There is no room for this session; it is not kept.')
  } catch (error) {
    if (error instanceof NotKept) refuse(error.status, error.message)
    else if (!isGone(req, res)) throw error
  }
}

function isGone(req: Request, res: Response): boolean {
  return res.destroyed || (req.destroyed && !req.complete)
}
