import express, { type RequestHandler, Router } from 'express'
import { z } from 'zod'
import type { CallCounts } from './callCounts.ts'
import { read } from './controlInput.ts'
import type { Deliveries } from './deliveries.ts'
import { FaultSettings } from './faults.ts'
import { addPerson } from './newPerson.ts'
import { controlPipelines } from './pipelineControl.ts'
import type { World } from './world.ts'

const NewPerson = z.strictObject({
  username: z.string().regex(/^[\w.-]+$/),
  name: z.string().optional(),
  bot: z.boolean().default(false),
  admin: z.boolean().default(false),
  external: z.boolean().default(false),
  state: z.enum(['active', 'blocked', 'banned', 'deactivated']).default('active'),
})

/**
 * What GitLab does not have: settings of what goes wrong, what was delivered and called, and making what in GitLab comes from
 * elsewhere: people, pipelines. Below /-/sandbox; no token is asked for.
 */
export function control(world: World, deliveries: Deliveries, counts: CallCounts): RequestHandler {
  const router = Router()
  router.get('/faults', (_req, res) => {
    res.json(world.faults)
  })
  router.put('/faults', express.json(), (req, res) => {
    const settings = read(res, FaultSettings, req.body)
    if (settings !== undefined) res.json(Object.assign(world.faults, settings))
  })
  router.get('/deliveries', (_req, res) => {
    res.json(deliveriesOf(world))
  })
  router.post('/deliveries/release', (_req, res) => {
    res.json({ released: deliveries.release() })
  })
  router.post('/people', express.json(), (req, res) => {
    const wish = read(res, NewPerson, req.body)
    if (wish === undefined) return
    if (world.people.find((person) => person.username === wish.username) !== undefined) {
      res.status(409).json({ message: `There is a ${wish.username} already.` })
      return
    }
    const person = addPerson(world, { ...wish, name: wish.name ?? wish.username })
    world.flush()
    res.status(201).json({ id: person.id, username: person.username, token: `glpat-demo-${person.username}` })
  })
  controlPipelines(router, world, deliveries)
  router.get('/calls', (_req, res) => {
    res.json(counts.list())
  })
  router.delete('/calls', (_req, res) => {
    counts.clear()
    res.status(204).end()
  })
  return router
}

function deliveriesOf(world: World) {
  return world.hookEvents.all().map((event) => ({
    id: event.id,
    project_id: event.projectId,
    hook_id: event.hookId,
    url: event.url,
    event: event.header,
    key: event.key,
    status: event.status,
    created_at: event.createdAt,
    payload: JSON.parse(event.body),
  }))
}
