import express, { type RequestHandler, Router } from 'express'
import { z } from 'zod'
import type { CallCounts } from './callCounts.ts'
import { FaultSettings } from './faults.ts'
import type { World } from './world.ts'

/** What GitLab does not have: settings of what goes wrong, and what was delivered and called. Below /-/sandbox. */
export function control(world: World, counts: CallCounts): RequestHandler {
  const router = Router()
  router.get('/faults', (_req, res) => {
    res.json(world.faults)
  })
  router.put('/faults', express.json(), (req, res) => {
    const settings = FaultSettings.safeParse(req.body)
    if (!settings.success) {
      res.status(400).json({ message: z.prettifyError(settings.error) })
      return
    }
    res.json(Object.assign(world.faults, settings.data))
  })
  router.get('/deliveries', (_req, res) => {
    const rows = world.hookEvents.all().map((event) => ({
      id: event.id,
      project_id: event.projectId,
      hook_id: event.hookId,
      url: event.url,
      event: event.header,
      key: event.key,
      status: event.status,
      sent: event.sent,
      created_at: event.createdAt,
      payload: JSON.parse(event.body),
    }))
    res.json(rows)
  })
  router.get('/calls', (_req, res) => {
    res.json(counts.list())
  })
  router.delete('/calls', (_req, res) => {
    counts.clear()
    res.status(204).end()
  })
  return router
}
