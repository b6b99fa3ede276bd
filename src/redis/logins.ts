/** Who is logged in, and who is about to: on the server, so that it can be ended at once. */

import { randomBytes } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { Person } from '../tasks/task.ts'

/**
 * Keys, below the prefix: `login:<id>` the person (JSON); `logins:<person>` their ids by the moment they end (a sorted set, for ending
 * them all); `login-begun:<id>` what has to be true when they come back from GitLab (JSON).
 */
export type Logins = ReturnType<typeof createLogins>

/** What a login was begun with. `to` is the path of ours that they wanted. */
export type Begun = { readonly state: string; readonly nonce: string; readonly verifier: string; readonly to: string }

/** Seconds. */
const LOGGED_IN = 8 * 3600
const BEGUN = 600

/** KEYS: login, logins. ARGV: person (JSON), id, now and end in milliseconds, seconds. */
const OPEN = `
redis.call('set', KEYS[1], ARGV[1], 'EX', ARGV[5])
redis.call('zremrangebyscore', KEYS[2], '-inf', ARGV[3])
redis.call('zadd', KEYS[2], ARGV[4], ARGV[2])
redis.call('expire', KEYS[2], ARGV[5])
return 1`

/** KEYS: logins. ARGV: what a login's key begins with. */
const END_ALL = `
local ids = redis.call('zrange', KEYS[1], 0, -1)
for _, id in ipairs(ids) do redis.call('del', ARGV[1] .. id) end
redis.call('del', KEYS[1])
return #ids`

export function createLogins(redis: Redis, prefix: string) {
  const login = (id: string) => `${prefix}:login:${id}`
  const ofPerson = (id: number) => `${prefix}:logins:${id}`
  const begun = (id: string) => `${prefix}:login-begun:${id}`
  const newId = () => randomBytes(32).toString('base64url')
  return {
    /** Gives the id by which it is taken again, once, within ten minutes. */
    async begin(what: Begun): Promise<string> {
      const id = newId()
      await redis.set(begun(id), JSON.stringify(what), 'EX', BEGUN)
      return id
    },
    async take(id: string): Promise<Begun | undefined> {
      const text = await redis.getdel(begun(id))
      return text === null ? undefined : JSON.parse(text)
    },
    /** Gives the new login's id; it lasts eight hours, whatever is done with it. */
    async open({ id: personId, username, name }: Person): Promise<string> {
      const id = newId()
      const now = Date.now()
      const args = [JSON.stringify({ id: personId, username, name }), id, now, now + LOGGED_IN * 1000, LOGGED_IN]
      await redis.eval(OPEN, 2, login(id), ofPerson(personId), ...args)
      return id
    },
    async find(id: string): Promise<Person | undefined> {
      const text = await redis.get(login(id))
      return text === null ? undefined : JSON.parse(text)
    },
    async end(id: string, { id: personId }: Pick<Person, 'id'>): Promise<void> {
      await redis.multi().del(login(id)).zrem(ofPerson(personId), id).exec()
    },
    /** Ends every login of a person, wherever they are logged in; gives how many those were. */
    async endAll({ id }: Pick<Person, 'id'>): Promise<number> {
      return Number(await redis.eval(END_ALL, 1, ofPerson(id), login('')))
    },
  }
}
