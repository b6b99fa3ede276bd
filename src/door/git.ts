/** git over HTTP to the task's project: fetch it, push the task's branch, nothing else. */

import { type Request, type Response, Router } from 'express'
import { type AdmitNeeds, type Admitted, admit } from './admit.ts'
import { fetchFrom } from './gitFetch.ts'
import { GIT_MANNERS } from './gitManners.ts'
import { type Repository, sayToGit } from './gitUpstream.ts'
import { type LfsNeeds, lfsRoutes } from './lfs.ts'
import { type PushNeeds, receivePack } from './push.ts'

export type GitNeeds = AdmitNeeds &
  PushNeeds &
  LfsNeeds & {
    /** From configuration and a live lookup; may throw when GitLab is away. */
    repository(task: string): Promise<Repository>
  }

/** Everything below `/v1/git`, which is the repository's address for git: `/info/refs`, `/git-upload-pack`, `/git-receive-pack`. */
export function gitRoutes(needs: GitNeeds): Router {
  const router = Router({ strict: true, caseSensitive: true })
  const read = async (req: Request, res: Admitted, path: string) =>
    fetchFrom(await needs.repository(res.locals.caller.task), path, req, res, needs)
  router.use(admit(needs, GIT_MANNERS))
  router.use('/info/lfs', lfsRoutes(needs))
  router.get('/info/refs', async (req: Request, res: Admitted) => {
    const service = req.query.service
    if (service === 'git-upload-pack' || service === 'git-receive-pack') {
      await read(req, res, `/info/refs?service=${service}`)
    } else sayToGit(res, { status: 403, words: 'Only git over smart HTTP is served here.' })
  })
  router.post('/git-upload-pack', (req: Request, res: Admitted) => read(req, res, '/git-upload-pack'))
  router.post('/git-receive-pack', async (req: Request, res: Admitted) => {
    await receivePack(req, res, await needs.repository(res.locals.caller.task), needs)
  })
  router.use((_: Request, res: Response) => {
    sayToGit(res, { status: 404, words: 'Of git only fetch, push and LFS of this project are served here.' })
  })
  return router
}
