/** git over HTTP to the task's project: fetch it, push the task's branch, nothing else. */

import { pipeline } from 'node:stream/promises'
import { type Request, type Response, Router } from 'express'
import { type AdmitNeeds, type Admitted, admit, basicPassword, bearer } from './admit.ts'
import { askGitLab, beginAnswer, type Repository, sayToGit } from './gitUpstream.ts'
import { type PushNeeds, receivePack } from './push.ts'

export type GitNeeds = AdmitNeeds &
  PushNeeds & {
    /** From configuration and a live lookup; may throw when GitLab is away. */
    repository(task: string): Promise<Repository>
  }

/** Everything below `/v1/git`, which is the repository's address for git: `/info/refs`, `/git-upload-pack`, `/git-receive-pack`. */
export function gitRoutes(needs: GitNeeds): Router {
  const router = Router({ strict: true, caseSensitive: true })
  const manners = {
    credential: (headers: Request['headers']) => basicPassword(headers) ?? bearer(headers),
    refuse: (res: Response, status: 401 | 503, words: string) => {
      if (status === 401) res.set('WWW-Authenticate', 'Basic realm="Errand"')
      sayToGit(res, { status, words })
    },
  }
  router.use(admit(needs, manners))
  router.get('/info/refs', async (req: Request, res: Admitted) => {
    const service = req.query.service
    if (service === 'git-upload-pack' || service === 'git-receive-pack') {
      await pass(req, res, needs, `/info/refs?service=${service}`)
    } else sayToGit(res, { status: 403, words: 'Only git over smart HTTP is served here.' })
  })
  router.post('/git-upload-pack', (req: Request, res: Admitted) => pass(req, res, needs, '/git-upload-pack'))
  router.post('/git-receive-pack', async (req: Request, res: Admitted) => {
    await receivePack(req, res, await needs.repository(res.locals.caller.task), needs)
  })
  router.use((_: Request, res: Response) => {
    sayToGit(res, {
      status: 404,
      words: 'Of git only fetch and push are served here; LFS and other repositories are not.',
    })
  })
  return router
}

/** What only reads passes as it is, in both directions, in constant memory. */
async function pass(req: Request, res: Admitted, { repository, secrets, log }: GitNeeds, path: string): Promise<void> {
  const { task, attempt } = res.locals.caller
  const gone = new AbortController()
  res.on('close', () => gone.abort())
  const bodyHeaders = Object.fromEntries(
    ['accept-encoding', 'content-encoding', 'content-length'].flatMap((name) =>
      req.headers[name] === undefined ? [] : [[name, req.headers[name]]],
    ),
  )
  const answer = await askGitLab({
    repository: await repository(task),
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
