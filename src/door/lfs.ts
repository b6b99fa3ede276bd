/**
 * Large files (git-lfs) of the task's project. The addresses that GitLab gives for them, with tokens in their headers or
 * signed for an object storage, stay behind the door: the container gets addresses of the door, with the real ones sealed.
 */

import { Readable } from 'node:stream'
import express, { type NextFunction, type Request, type Response, Router } from 'express'
import type { Logger } from '../log.ts'
import type { Admitted } from './admit.ts'
import type { Caller } from './credential.ts'
import { PATIENCE, type Repository } from './gitUpstream.ts'
import { lfsFailure, sayToLfs } from './lfsFailure.ts'
import { type Action, type Batch, type BatchAnswer, LFS_TYPE, readBatch, readBatchAnswer } from './lfsMessages.ts'
import { type LfsAction, moveObject, SEALED } from './lfsTransfer.ts'
import { seal, unseal } from './secretSeal.ts'
import { send, Unreachable } from './upstream.ts'
import { readWhole } from './whole.ts'

export type LfsNeeds = {
  /** ERRAND_KEY. */
  readonly key: string
  /** Where the runs reach the door, without a trailing slash. */
  readonly doorUrl: string
  repository(task: string): Promise<Repository>
  /** True, or the words why not. */
  mayPush(task: string): Promise<true | string>
  secrets(): readonly string[]
  readonly log: Logger
}

const LARGEST_BATCH = 1024 * 1024
const LARGEST_ANSWER = 8 * 1024 * 1024

/** Everything below `/v1/git/info/lfs`, for callers that have been admitted. */
export function lfsRoutes(needs: LfsNeeds): Router {
  const router = Router({ strict: true, caseSensitive: true })
  const parse = express.json({ type: () => true, limit: LARGEST_BATCH, inflate: false })
  const json = (req: Request, res: Response, next: NextFunction) => parse(req, res, next)
  router.post('/objects/batch', json, (req: Request, res: Admitted) => answerBatch(req, res, needs))
  router.get('/objects/:oid', (req: Request, res: Admitted) => move('download', req, res, needs))
  router.put('/objects/:oid', (req: Request, res: Admitted) => move('upload', req, res, needs))
  router.post('/objects/:oid/verify', (req: Request, res: Admitted) => move('verify', req, res, needs))
  router.use('/locks', (_: Request, res: Response) => {
    // 501 is how git-lfs learns that it need not ask before every push (git-lfs, docs/api/locking.md).
    sayToLfs(res, { status: 501, words: 'Errand does not pass on locks of files.' })
  })
  router.use((_: Request, res: Response) => {
    sayToLfs(res, { status: 404, words: 'Of LFS only downloads and uploads of objects are served here.' })
  })
  return router
}

async function answerBatch(req: Request, res: Admitted, needs: LfsNeeds): Promise<void> {
  const { caller } = res.locals
  const batch = readBatch(req.body)
  if ('wrong' in batch) return sayToLfs(res, { status: 422, words: batch.wrong })
  if (batch.operation === 'upload') {
    const may = await needs.mayPush(caller.task)
    if (may !== true) {
      needs.log.warn({ ...caller, reason: may }, 'an upload was refused')
      return sayToLfs(res, { status: 403, words: `${may}.` })
    }
  }
  const gone = new AbortController()
  res.on('close', () => gone.abort())
  const answer = await askForActions(batch, await needs.repository(caller.task), gone.signal, needs)
  if (gone.signal.aborted) return
  if ('words' in answer) {
    needs.log.warn({ ...caller, ...answer }, 'LFS was not passed on')
    return sayToLfs(res, answer)
  }
  const objects = answer.objects.map(({ oid, size, actions, error }) => {
    const kinds = batch.operation === 'download' ? (['download'] as const) : (['upload', 'verify'] as const)
    const sealed = kinds.flatMap((kind) => {
      const action = actions?.[kind]
      return action === undefined ? [] : [[kind, sealedAction({ kind, oid, size, action, caller }, needs)] as const]
    })
    return {
      oid,
      size,
      // The credential that opened this door opens those addresses too: git-lfs has it, and need not ask.
      authenticated: true,
      ...(sealed.length === 0 ? {} : { actions: Object.fromEntries(sealed) }),
      ...(error === undefined ? {} : { error }),
    }
  })
  res.type(LFS_TYPE).json({ transfer: 'basic', objects, hash_algo: 'sha256' })
}

async function askForActions(batch: Batch, { url, authorization }: Repository, signal: AbortSignal, needs: LfsNeeds) {
  const { operation, objects } = batch
  const body = Buffer.from(JSON.stringify({ operation, objects, transfers: ['basic'], hash_algo: 'sha256' }))
  const headers = { accept: LFS_TYPE, 'content-type': LFS_TYPE, 'content-length': body.length, authorization }
  try {
    const answer = await send({
      url: `${url}/info/lfs/objects/batch`,
      method: 'POST',
      headers,
      body: Readable.from([body]),
      patience: PATIENCE,
      signal,
    })
    if (answer.statusCode !== 200) return await lfsFailure(answer, 'GitLab', needs.secrets())
    const text = await readWhole(answer, LARGEST_ANSWER)
    const read: BatchAnswer | undefined = text === undefined ? undefined : readBatchAnswer(String(text), batch)
    return read ?? { status: 502, words: "GitLab's answer about LFS objects is not understood." }
  } catch (error) {
    if (error instanceof Unreachable) return { status: 503, words: `GitLab cannot be reached: ${error.message}` }
    throw error
  }
}

type Sealing = {
  readonly kind: LfsAction['kind']
  readonly oid: string
  readonly size: number
  readonly action: Action
  readonly caller: Caller
}

/** The action as the container gets it. */
function sealedAction({ kind, oid, size, action, caller }: Sealing, { key, doorUrl }: LfsNeeds): Action {
  const { href, header = {}, ...expires } = action
  const address = `${doorUrl}/v1/git/info/lfs/objects/${oid}${kind === 'verify' ? '/verify' : ''}`
  const real: LfsAction = { kind, oid, size, href, header }
  return { href: address, header: { [SEALED]: seal(key, purposeOf(caller), JSON.stringify(real)) }, ...expires }
}

async function move(kind: LfsAction['kind'], req: Request, res: Admitted, needs: LfsNeeds): Promise<void> {
  const { caller } = res.locals
  const sealed = req.headers[SEALED]
  const text = typeof sealed === 'string' ? unseal(needs.key, purposeOf(caller), sealed) : undefined
  const action: LfsAction | undefined = text === undefined ? undefined : JSON.parse(text)
  if (action === undefined || action.kind !== kind || action.oid !== req.params.oid) {
    sayToLfs(res, { status: 404, words: `There is nothing to ${kind} here; ask for this object again.` })
    return
  }
  await moveObject(action, req, res, needs)
}

function purposeOf({ task, attempt }: Caller): string {
  return `lfs ${task} ${attempt}`
}
