/** Other repositories of the same GitLab, for submodules: read alone, and only what the person who asked may read. */

import { type Request, type Response, Router } from 'express'
import { type AdmitNeeds, type Admitted, admit } from './admit.ts'
import { type FetchNeeds, fetchFrom } from './gitFetch.ts'
import { GIT_MANNERS } from './gitManners.ts'
import { type Source, sayToGit } from './gitUpstream.ts'

export type RepositoriesNeeds = AdmitNeeds &
  FetchNeeds & {
    /**
     * The repository of the project at this path, `group/project`, if the person who asked for the task may read it; the
     * words why not, which git shows. Looked up live; may throw when GitLab is away.
     */
    repositoryOf(task: string, path: string): Promise<Source | string>
  }

/** GitLab's paths: every part begins with a letter, a digit or `_`, so none is `..` or `-`. */
const ADDRESS =
  /^\/([A-Za-z0-9_][\w.-]*(?:\/[A-Za-z0-9_][\w.-]*)+)\.git\/(info\/refs|git-upload-pack|git-receive-pack)$/

/** Everything below `/v1/repositories`: `/group/project.git/info/refs` and `/git-upload-pack`. */
export function repositoriesRoutes(needs: RepositoriesNeeds): Router {
  const router = Router({ strict: true, caseSensitive: true })
  router.use(admit(needs, GIT_MANNERS), async (req: Request, res: Admitted) => {
    const [, project, service] = ADDRESS.exec(req.path) ?? []
    const asked = service === 'info/refs' ? req.query.service : service
    const right = service === 'info/refs' ? 'GET' : 'POST'
    if (project === undefined || req.method !== right) {
      refuse(res, 404, 'Of other repositories only git fetch is served here.')
    } else if (asked === 'git-receive-pack') {
      refuse(res, 403, `${project} can be fetched through Errand, and not pushed to.`)
    } else if (asked !== 'git-upload-pack') {
      refuse(res, 403, 'Only git over smart HTTP is served here.')
    } else {
      const { caller } = res.locals
      const repository = await needs.repositoryOf(caller.task, project)
      if (typeof repository === 'string') {
        needs.log.warn({ ...caller, project, reason: repository }, 'another repository was refused')
        refuse(res, 403, `${repository}.`)
      } else {
        const path = service === 'info/refs' ? '/info/refs?service=git-upload-pack' : '/git-upload-pack'
        await fetchFrom(repository, path, req, res, needs)
      }
    }
  })
  return router
}

function refuse(res: Response, status: number, words: string): void {
  sayToGit(res, { status, words })
}
