import express, { type Express, type NextFunction, type Request, type Response } from 'express'
import type { Task } from '../tasks/task.ts'
import type { TaskId } from '../tasks/taskId.ts'
import { guard } from './guard.ts'
import { type HookNeeds, hookRoute } from './hook.ts'
import { taskText } from './view.ts'

export type HttpNeeds<Delivery> = HookNeeds<Delivery> & {
  /** Our own address, as people type it. */
  readonly url: string
  task(id: TaskId): Promise<Task | undefined>
  /** The end of a task's log, as much as a page can show. */
  logTail(id: TaskId): Promise<Buffer>
  ready(): Promise<boolean>
}

/** The webhook, and one page a task. */
export function httpApp<Delivery>(needs: HttpNeeds<Delivery>): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use(guard(needs.url))
  app.post('/hook', hookRoute(needs))
  app.get('/livez', (_, response) => {
    response.type('text').send('ok\n')
  })
  app.get('/readyz', async (_, response) => {
    const ready = await needs.ready().catch(() => false)
    response
      .status(ready ? 200 : 503)
      .type('text')
      .send(ready ? 'ok\n' : 'Redis is away\n')
  })
  app.get('/tasks/:id', async (request, response) => {
    const task = await needs.task(request.params.id)
    if (task === undefined) {
      response.status(404).type('text').send('There is no task of this name.\n')
      return
    }
    response
      .set('X-Content-Type-Options', 'nosniff')
      .type('text')
      .send(taskText(task, await needs.logTail(task.id)))
  })
  app.use((_: Request, response: Response) => {
    response.status(404).type('text').send('There is nothing here. Webhooks go to POST /hook.\n')
  })
  app.use((error: Error, request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) return next(error)
    // express tells with `status` that the request was at fault: a broken escape in the path, say.
    const status = 'status' in error && Number(error.status) < 500 ? 400 : 503
    if (status === 503) needs.log.error({ event: 'request-failed', path: request.path, err: error }, 'request failed')
    response
      .status(status)
      .type('text')
      .send(status === 400 ? 'That request makes no sense.\n' : 'Try again in a moment.\n')
  })
  return app
}
