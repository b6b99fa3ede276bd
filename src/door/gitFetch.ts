/** What only reads a repository passes as it is, in both directions, in constant memory. */

import { pipeline } from 'node:stream/promises'
import type { Request } from 'express'
import type { Logger } from '../log.ts'
import type { Admitted } from './admit.ts'
import { askGitLab, beginAnswer, type Source, sayToGit } from './gitUpstream.ts'

export type FetchNeeds = {
  secrets(): readonly string[]
  readonly log: Logger
}

/** Answers with what the repository says at this path: `/info/refs?service=…` or `/git-upload-pack`. */
export async function fetchFrom(
  repository: Source,
  path: string,
  req: Request,
  res: Admitted,
  { secrets, log }: FetchNeeds,
): Promise<void> {
  const { task, attempt } = res.locals.caller
  const gone = new AbortController()
  res.on('close', () => gone.abort())
  const bodyHeaders = Object.fromEntries(
    ['accept-encoding', 'content-encoding', 'content-length'].flatMap((name) =>
      req.headers[name] === undefined ? [] : [[name, req.headers[name]]],
    ),
  )
  const answer = await askGitLab({
    repository,
    path,
    from: req,
    bodyHeaders,
    ...(req.method === 'POST' ? { body: req } : {}),
    signal: gone.signal,
    secrets: secrets(),
  })
  if (gone.signal.aborted) return
  if ('words' in answer) {
    log.warn({ task, attempt, path, ...answer }, 'git was not passed on')
    sayToGit(res, answer)
    return
  }
  beginAnswer(res, answer)
  await pipeline(answer, res).catch((error: unknown) => {
    // Headers are out: git sees a stream that broke off, and says so.
    if (!gone.signal.aborted) log.warn({ task, attempt, path, err: error }, 'an answer of git broke off')
  })
}
