import type { Request } from 'express'
import type { World } from './world.ts'

const loopback = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/

/**
 * Whether a form was sent by a page of the sandbox's own: the browser says where it comes from, and that is the host that it
 * talks to, which nobody's name server has a say in.
 */
export function isOwnForm(world: World, req: Request): boolean {
  const host = req.get('host') ?? ''
  const known = loopback.test(host) || host === new URL(world.url).host
  return known && req.get('origin') === `http://${host}`
}
