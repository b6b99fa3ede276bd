/** A push: what it asks for is read and judged before GitLab hears of it, and what came of it is recorded before git does. */

import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Request } from 'express'
import type { Logger } from '../log.ts'
import type { Admitted } from './admit.ts'
import type { Caller } from './credential.ts'
import { askGitLab, beginAnswer, type Repository, sayToGit } from './gitUpstream.ts'
import { peek } from './peek.ts'
import { branchOf, type Command, isNew, judgePush, type PushRequest, readPushRequest } from './pushCommands.ts'
import { refusal, reportReader } from './pushReport.ts'

/** A branch that was moved; `before` is all zeros for a new one. */
export type Pushed = {
  readonly branch: string
  readonly before: string
  readonly after: string
  /** Whether `before` is not part of the branch any more; absent while GitLab has not said. */
  readonly rewritten?: boolean
}

export type PushNeeds = {
  /** Looked up live just before a push is let through: true, or the words why not, which git shows. */
  mayPush(task: string): Promise<true | string>
  /** What has just been pushed: told at once, and again when it is known whether it rewrote the branch. */
  pushed(task: string, attempt: number, push: Pushed): Promise<void>
  /** Asks GitLab whether the branch lost commits. */
  rewritten(task: string, push: Pushed): Promise<boolean>
  /** Values that must not be shown. */
  secrets(): readonly string[]
  readonly log: Logger
}

/** What a refused push may still send before its connection is cut; in bytes. */
const DRAINED = 512 * 1024 * 1024

/** Answers `POST /git-receive-pack`. */
export async function receivePack(
  req: Request,
  res: Admitted,
  repository: Repository,
  needs: PushNeeds,
): Promise<void> {
  const { caller } = res.locals
  const body = decoded(req)
  if (body === undefined) {
    sayToGit(res, { status: 415, words: 'A push may be compressed with gzip, and not otherwise.' })
    return
  }
  const request = await peek(body, (beginning) => readPushRequest(beginning)).catch((error: Error) => ({
    broken: error.message,
  }))
  if (request === 'more' || 'broken' in request) {
    const why = request === 'more' ? 'it broke off' : request.broken
    needs.log.warn({ ...caller, why }, 'a push was not understood')
    sayToGit(res, { status: 400, words: `This push is not understood: ${why}.` })
    return
  }
  const reason = judgePush(request, repository.branch) ?? (await reasonNow(caller, request, needs))
  if (reason === undefined) await forward(req, res, { repository, request, body, needs })
  else {
    needs.log.warn({ ...caller, reason, refs: request.commands.map(({ ref }) => ref) }, 'a push was refused')
    // git reads the answer only after it has sent its pack.
    await drain(req, body)
    res.type('application/x-git-receive-pack-result').set('Cache-Control', 'no-cache').send(refusal(request, reason))
  }
}

/** The body as git wrote it. GitLab gets it decoded too, so that it cannot read anything else in it than we did. */
function decoded(req: Request): Readable | undefined {
  const encoding = req.headers['content-encoding'] ?? 'identity'
  if (encoding === 'identity') return req
  if (encoding !== 'gzip' && encoding !== 'x-gzip') return undefined
  const gunzip = createGunzip()
  // Whoever reads from it learns of its errors, now or later; in between they must not end the process.
  gunzip.on('error', () => {})
  req.on('error', (error) => gunzip.destroy(error))
  return req.pipe(gunzip)
}

async function reasonNow(
  { task }: Caller,
  { commands }: PushRequest,
  { mayPush }: PushNeeds,
): Promise<string | undefined> {
  if (commands.length === 0) return undefined
  const answer = await mayPush(task)
  return answer === true ? undefined : answer
}

type Forwarded = {
  readonly repository: Repository
  readonly request: PushRequest
  readonly body: Readable
  readonly needs: PushNeeds
}

async function forward(req: Request, res: Admitted, { repository, request, body, needs }: Forwarded): Promise<void> {
  const { caller } = res.locals
  const gone = new AbortController()
  // Once GitLab has it all, the push happens, whether or not git still waits for the answer: then it is read to its end.
  res.on('close', () => body.readableEnded || gone.abort())
  const length = req.headers['content-length']
  const answer = await askGitLab({
    repository,
    path: '/git-receive-pack',
    from: req,
    body,
    bodyHeaders: body === req && length !== undefined ? { 'content-length': length } : {},
    signal: gone.signal,
    secrets: needs.secrets(),
  })
  if (gone.signal.aborted) return
  if ('words' in answer) {
    needs.log.warn({ ...caller, ...answer }, 'a push was not passed on')
    sayToGit(res, answer)
    return
  }
  beginAnswer(res, answer)
  const [command] = request.commands
  try {
    if (command === undefined) await copy(answer, res, () => {})
    else await watched(answer, res, { caller, command, request, needs })
    res.end()
  } catch (error) {
    needs.log.warn({ ...caller, err: error }, 'the answer to a push broke off')
    res.destroy()
  }
}

type Watched = {
  readonly caller: Caller
  readonly command: Command
  readonly request: PushRequest
  readonly needs: PushNeeds
}

/** Passes the answer on; that the branch was moved is recorded before the answer ends, so that what follows knows it. */
async function watched(answer: IncomingMessage, res: Admitted, { caller, command, request, needs }: Watched) {
  const report = reportReader(command, request.capabilities)
  await copy(answer, res, report.read)
  if (!report.moved()) return
  const push = { branch: branchOf(command), before: command.before, after: command.after }
  const { task, attempt } = caller
  try {
    await needs.pushed(task, attempt, push)
  } catch (error) {
    // It stands at GitLab, and git is to know that: a push that is tried again would find nothing to do.
    needs.log.error({ ...caller, ...push, err: error }, 'a push was not recorded')
  }
  if (isNew(command)) return
  try {
    await needs.pushed(task, attempt, { ...push, rewritten: await needs.rewritten(task, push) })
  } catch (error) {
    needs.log.error({ ...caller, ...push, err: error }, 'whether a push rewrote its branch is not known')
  }
}

/** Reads the answer to its end even when the other side has gone. */
async function copy(answer: IncomingMessage, res: Admitted, seen: (chunk: Buffer) => void): Promise<void> {
  for await (const chunk of answer) {
    seen(chunk)
    if (!res.destroyed && !res.write(chunk)) await room(res)
  }
}

/** Until the other side takes more, or has gone. */
function room(res: Admitted): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      res.off('drain', go).off('close', go)
      resolve()
    }
    res.on('drain', go).on('close', go)
  })
}

/** Reads what still comes and forgets it. */
function drain(req: Request, body: Readable): Promise<void> {
  let left = DRAINED
  return new Promise((resolve) => {
    req.on('close', resolve)
    body.on('end', resolve).on('error', () => resolve())
    body.on('data', (chunk: Buffer) => {
      left -= chunk.length
      if (left < 0) req.destroy()
    })
  })
}
