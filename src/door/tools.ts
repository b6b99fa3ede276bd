/** To the operator's MCP servers, with their credentials put in here; only what is allowed of them, both ways. */

import express, { type NextFunction, type Request, type Response, Router } from 'express'
import { type AdmitNeeds, type Admitted, admit, bearer } from './admit.ts'
import { createCatalogue } from './toolsCatalogue.ts'
import type { ToolServer } from './toolsServer.ts'
import { type VisitNeeds, visit } from './toolsVisit.ts'

export type ToolsNeeds = AdmitNeeds &
  VisitNeeds & {
    readonly toolServers: ReadonlyMap<string, ToolServer>
    /** Whether the task's project lets its agents have this server. */
    mayUse(task: string, server: string): Promise<boolean>
  }

const LARGEST_BODY = 4 * 1024 * 1024

/** Everything below `/v1/tools`: `/<name>` is the address of that server (MCP, Streamable HTTP). */
export function toolsRoutes(needs: ToolsNeeds): Router {
  const router = Router({ strict: true, caseSensitive: true })
  const catalogue = createCatalogue()
  const parse = express.raw({ type: () => true, limit: LARGEST_BODY, inflate: false })
  const bytes = (req: Request, res: Response, next: NextFunction) => parse(req, res, next)
  const guard = admit(needs, {
    credential: bearer,
    refuse: (res, status, error) => void res.status(status).json({ error }),
  })
  router.all('/:name', guard, bytes, async (req: Request, res: Admitted) => {
    const server = needs.toolServers.get(String(req.params.name))
    const { method } = req
    if (server === undefined || !(await needs.mayUse(res.locals.caller.task, server.name)))
      res.status(404).json({ error: `Errand has no tool server of the name ${req.params.name}.` })
    else if (method === 'POST' || method === 'GET' || method === 'DELETE')
      await visit(method, req, res, { server, catalogue, needs })
    else
      res
        .status(405)
        .set('Allow', 'POST, GET, DELETE')
        .json({ error: `${method} is not spoken here.` })
  })
  return router
}
