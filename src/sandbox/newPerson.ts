import type { Person } from './entities.ts'
import { addToken } from './tokens.ts'
import { now, type World } from './world.ts'

/** What a new person is; an ordinary active one unless said otherwise. */
export type NewPerson = Pick<Person, 'username' | 'name'> &
  Partial<Pick<Person, 'bot' | 'admin' | 'state' | 'external'>>

/** Adds somebody, whose token is `glpat-demo-` and the user name. */
export function addPerson(world: World, wish: NewPerson) {
  const { username, name, bot = false, admin = false, state = 'active', external = false } = wish
  const person = world.people.insert({ username, name, bot, admin, state, external, createdAt: now() })
  addToken(world, person, { name: 'demo', value: `glpat-demo-${username}`, scopes: ['api', 'self_rotate'] })
  return person
}
