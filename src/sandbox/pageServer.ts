import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import express, { type Request, type RequestHandler, type Response, Router } from 'express'
import type { Routes } from './call.ts'
import type { Deliveries } from './deliveries.ts'
import { readBody } from './input.ts'
import { actorCookie, actorOf } from './pageActor.ts'
import { addressOf } from './pageAddress.ts'
import { doing, type Visit } from './pageCall.ts'
import { rememberedDiffs } from './pageDiffLines.ts'
import { wishOf } from './pageForms.ts'
import { framed, type Page } from './pageFrame.ts'
import { pageOf } from './pageOf.ts'
import { isOwnForm } from './pageOrigin.ts'
import { landingOf, reasonOf, wordsPage } from './pageOutcome.ts'
import { Refusal } from './refusal.ts'
import type { World } from './world.ts'

const headers = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'",
  'X-Content-Type-Options': 'nosniff',
  // Browsers that send no referrer do not say of a form either where it comes from.
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'private, no-cache',
  Vary: 'Cookie',
}

/** The pages for people. Their forms do what the API does, in the name of whoever the visitor acts as. */
export function pageServer(world: World, deliveries: Deliveries, register: (on: Routes) => void): RequestHandler {
  const router = Router({ caseSensitive: true })
  const act = doing(register)
  const diffs = rememberedDiffs(world)
  // The count of changes begins anew with each start.
  const life = randomUUID()

  const show = async (visit: Visit): Promise<Page> => {
    const address = addressOf(visit.path)
    try {
      if (address !== undefined) return await pageOf(visit, address, diffs)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
    }
    return wordsPage(404, 'Not found', `There is nothing at this address that ${visit.person.name} may see.`, '/')
  }

  const send = (res: Response, visit: Visit, page: Page) => {
    res.status(page.status).type('html').send(framed(visit, page))
  }

  const submit = async (visit: Visit, req: Request, res: Response): Promise<void> => {
    if (!isOwnForm(world, req)) {
      send(res, visit, wordsPage(403, 'Refused', 'This form was not sent by a page of this sandbox.', '/'))
      return
    }
    const fields = Buffer.isBuffer(req.body) ? await readBody(req.get('content-type') ?? '', req.body) : {}
    if (visit.path === '/-/sandbox/act-as') {
      res.set('Set-Cookie', actorCookie(String(fields.person)))
      res.redirect(303, landingOf(String(fields.back), undefined))
      return
    }
    const address = addressOf(visit.path)
    const wish = address === undefined ? undefined : wishOf(address, fields)
    if (wish === undefined) {
      send(res, visit, wordsPage(400, 'Not understood', 'This page has no such form.', visit.path))
      return
    }
    const { answer, outbox } = await act(visit, wish)
    world.flush()
    res.once('close', () => deliveries.send(outbox))
    if (answer.status < 400) res.redirect(303, landingOf(visit.path, answer.body))
    else send(res, visit, wordsPage(answer.status, 'Not done', reasonOf(answer.body), visit.path))
  }

  router.use((_req, res, next) => {
    res.set(headers)
    next()
  })
  for (const name of ['page.css', 'page.js']) {
    router.get(`/-/sandbox/${name}`, (_req, res) => res.sendFile(join(import.meta.dirname, name)))
  }
  router.use(express.raw({ type: () => true, limit: '10mb' }), async (req, res) => {
    const person = actorOf(world, req)
    if (person === undefined) {
      res.status(404).type('text/plain').send('Nobody has an account here yet.\n')
      return
    }
    const visit: Visit = { world, person, path: decoded(req.path) }
    if (req.method === 'POST') return submit(visit, req, res)
    // What is shown changes only with the world and with who looks.
    const version = `"${life}-${world.changes()}-${person.id}"`
    res.set('ETag', version)
    if (req.get('if-none-match') === version) res.status(304).end()
    else send(res, visit, await show(visit))
  })
  return router
}

/** The path as it is meant; one that is not well encoded leads nowhere as it is. */
function decoded(path: string): string {
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}
