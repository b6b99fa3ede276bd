/** The door: the one address through which an agent's container reaches the world. */

import express, { type Express, type NextFunction, type Request, type Response } from 'express'
import { type GitNeeds, gitRoutes } from './git.ts'
import { type ModelNeeds, modelRoutes } from './model.ts'
import { type ReportNeeds, reportRoutes } from './report.ts'
import { type RepositoriesNeeds, repositoriesRoutes } from './repositories.ts'
import { TaskUnknown } from './taskUnknown.ts'
import { type ToolsNeeds, toolsRoutes } from './tools.ts'

/** What the door needs of others; each room says what for. */
export type DoorNeeds = GitNeeds & ModelNeeds & ReportNeeds & RepositoriesNeeds & ToolsNeeds

/**
 * The door's whole application. A server for it must not bound the time of a request (`requestTimeout: 0`): a large push or
 * a long answer of the model may take long, and silence is bounded here.
 */
export function doorApp(needs: DoorNeeds): Express {
  const app = express()
    .disable('x-powered-by')
    .disable('etag')
    .enable('strict routing')
    .enable('case sensitive routing')
  app.use('/v1/git', gitRoutes(needs))
  app.use('/v1/repositories', repositoriesRoutes(needs))
  app.use('/v1/model', modelRoutes(needs))
  app.use('/v1/tools', toolsRoutes(needs))
  app.use('/v1', reportRoutes(needs))
  app.use((_: Request, res: Response) => {
    res.status(404).json({ error: 'The door has nothing at this address.' })
  })
  app.use((error: unknown, req: Request, res: Response, _: NextFunction) => {
    if (res.headersSent) {
      res.destroy()
      return
    }
    const { status, message } = asBadRequest(error) ?? { status: 503, message: 'Errand cannot answer now; try again.' }
    if (status === 503) {
      const { task, attempt } = res.locals.caller ?? {}
      const known = error instanceof TaskUnknown
      needs.log[known ? 'warn' : 'error'](
        { err: error, task, attempt, method: req.method, path: req.path },
        'the door could not answer',
      )
      res.set('Retry-After', '5')
    }
    res.status(status).json({ error: message })
  })
  return app
}

/**
 * What Express' body parsers refuse is the caller's doing: too large, not JSON, packed; they mark it `expose`. All else is
 * ours, and may pass: a 401 of GitLab must not look as if this attempt were over.
 */
function asBadRequest(error: unknown): { readonly status: number; readonly message: string } | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined
  if (!('expose' in error) && !(error instanceof URIError)) return undefined
  return error.status >= 400 && error.status < 500 ? { status: error.status, message: error.message } : undefined
}
