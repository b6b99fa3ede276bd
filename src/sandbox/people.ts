import { z } from 'zod'
import { type Call, ok, type Routes } from './call.ts'
import type { Person } from './entities.ts'
import { Whole } from './fields.ts'
import { paginated } from './pagination.ts'
import { forbidden, notFound } from './refusal.ts'
import type { World } from './world.ts'

/** A person as they appear inside other things: no sign of being a bot. */
export function personView(world: World, person: Person) {
  return {
    id: person.id,
    username: person.username,
    public_email: '',
    name: person.name,
    state: person.state,
    locked: false,
    avatar_url: null,
    web_url: `${world.url}/${person.username}`,
  }
}

/** The person with an id, as they appear inside other things. */
export function personViewById(world: World, id: number | null) {
  const person = id === null ? undefined : world.people.get(id)
  return person === undefined ? null : personView(world, person)
}

function profile(world: World, person: Person) {
  return { ...personView(world, person), created_at: person.createdAt, bio: '', bot: person.bot, is_followed: false }
}

/** /version, /user and /users. */
export function peopleRoutes(on: Routes): void {
  on('get', '/version', (call) => {
    call.deed()
    return ok({ version: '19.2.0', revision: 'sandbox' })
  })
  on('get', '/user', (call) => {
    const { world, person } = call.deed()
    const email = `${person.username}@sandbox.invalid`
    return ok({
      ...profile(world, person),
      email,
      commit_email: email,
      is_admin: person.admin,
      external: person.external === true,
      two_factor_enabled: false,
    })
  })
  on('get', '/users', (call) => {
    const { username, search } = call.input(
      z.object({ username: z.string().optional(), search: z.string().optional() }),
    )
    const found = call.world.people.filter(
      (person) =>
        (username === undefined || person.username === username.toLowerCase()) &&
        (search === undefined || `${person.username} ${person.name}`.toLowerCase().includes(search.toLowerCase())),
    )
    return paginated(call, found, (person) => personView(call.world, person))
  })
  on('get', '/users/:id', (call) => {
    const person = findPerson(call)
    // Who is external or an administrator is told to administrators only.
    const more = call.visitor?.admin === true ? { is_admin: person.admin, external: person.external === true } : {}
    return ok({ ...profile(call.world, person), ...more })
  })
  for (const [action, state] of [
    ['block', 'blocked'],
    ['unblock', 'active'],
    ['ban', 'banned'],
    ['unban', 'active'],
    ['deactivate', 'deactivated'],
    ['activate', 'active'],
  ] as const) {
    on('post', `/users/:id/${action}`, (call) => {
      if (!call.deed().person.admin) throw forbidden()
      call.world.people.update(findPerson(call).id, { state })
      return { status: 201, body: true }
    })
  }
}

/** The person that the path names, by number or by user name; 404 otherwise. */
export function findPerson(call: Call): Person {
  const name = call.param('id')
  const id = Whole.safeParse(name)
  const person = id.success ? call.world.people.get(id.data) : call.world.people.find((row) => row.username === name)
  if (person === undefined) throw notFound('User')
  return person
}
