import { parseCookie, stringifySetCookie } from 'cookie'
import type { Request } from 'express'
import type { Person } from './entities.ts'
import type { World } from './world.ts'

const cookie = 'sandbox_person'
const usual = 'developer'

/** The people that the pages can be used as. */
export function actors(world: World): Person[] {
  return world.people.filter((person) => person.state === 'active' && !person.bot)
}

/** Who the visitor acts as: whom they chose, or the demo's developer. Undefined where there is nobody at all. */
export function actorOf(world: World, req: Request): Person | undefined {
  const people = actors(world)
  const chosen = parseCookie(req.get('cookie') ?? '')[cookie]
  return [chosen, usual].map((name) => people.find(({ username }) => username === name)).find(Boolean) ?? people[0]
}

/** The cookie that keeps whom they chose. */
export function actorCookie(username: string): string {
  return stringifySetCookie({ name: cookie, value: username, path: '/', httpOnly: true, sameSite: 'lax' })
}
