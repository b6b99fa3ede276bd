import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import type { Ask } from './startedSandbox.ts'

/** What tests look at in any webhook; whatever else there is, is there too. */
const Payload = z.looseObject({
  object_kind: z.string(),
  event_type: z.string().optional(),
  user: z.looseObject({ id: z.number(), username: z.string() }).optional(),
  object_attributes: z.record(z.string(), z.unknown()).default({}),
  changes: z.record(z.string(), z.looseObject({ previous: z.unknown(), current: z.unknown() })).optional(),
})

/** One webhook as it came. */
export type Received = {
  readonly event: string
  readonly headers: IncomingHttpHeaders
  readonly raw: string
  readonly payload: z.infer<typeof Payload>
}

/** A server that webhooks are sent to. */
export type Receiver = {
  readonly url: string
  readonly got: Received[]
  /** What it answers; 0 never does. */
  status: number
  /** Waits until at least so many came, and gives them all. */
  wait(count: number): Promise<Received[]>
}

/** All events that the sandbox has. */
export const everything = {
  push_events: true,
  issues_events: true,
  confidential_issues_events: true,
  note_events: true,
  confidential_note_events: true,
  merge_requests_events: true,
  emoji_events: true,
}

/** A receiver for one test, ended with it. */
export async function startReceiver(port = 0): Promise<Receiver> {
  const got: Received[] = []
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk)
    const raw = Buffer.concat(chunks).toString('utf8')
    const event = String(req.headers['x-gitlab-event'])
    got.push({ event, headers: req.headers, raw, payload: Payload.parse(JSON.parse(raw)) })
    if (receiver.status === 0) return
    res.statusCode = receiver.status
    res.end('thanks')
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    got,
    status: 200,
    wait: async (count) => {
      await vi.waitFor(() => expect(got.length).toBeGreaterThanOrEqual(count), { timeout: 10_000, interval: 10 })
      return got
    },
  }
  return receiver
}

/** A receiver that is the shop's hook for everything. */
export async function hooked(ask: Ask, settings: object = everything): Promise<Receiver> {
  const receiver = await startReceiver()
  const reply = await ask('maintainer', 'POST', '/projects/1/hooks', {
    url: receiver.url,
    push_events: false,
    ...settings,
  })
  expect(reply.status).toBe(201)
  return receiver
}
