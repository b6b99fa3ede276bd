import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Person, Task } from '../../src/tasks/task.ts'
import { idOf, type Who } from '../sandbox/startedSandbox.ts'
import { type LoginWorld, loginWorld } from './loginWorld.ts'

const SHOP = 1
const VAULT = 2

const User = z.object({ id: z.number(), username: z.string(), name: z.string() })

async function person({ ask }: LoginWorld, who: Who): Promise<Person> {
  return User.parse((await ask(who, 'GET', '/user')).body)
}

async function newPerson({ sandbox }: LoginWorld, username: string, more: object = {}): Promise<Person> {
  const response = await fetch(`${sandbox.url}/-/sandbox/people`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, ...more }),
  })
  return { ...z.object({ id: z.number(), username: z.string() }).parse(await response.json()), name: username }
}

/** The bot sees the vault as its member does. */
async function withBotInVault(world: LoginWorld): Promise<void> {
  const { id } = await person(world, 'errand-bot')
  await world.ask('maintainer', 'POST', `/projects/${VAULT}/members`, { user_id: id, access_level: 30 })
}

type Read = Pick<Task, 'thread' | 'asker' | 'discreet'>

function task(projectId: number, asker: Person, more: { discreet?: boolean; internal?: boolean } = {}): Read {
  const { discreet, internal = false } = more
  return {
    thread: { projectId, on: 'issue', iid: 1, internal },
    asker,
    ...(discreet === undefined ? {} : { discreet }),
  }
}

test("a private project is its members' alone; its log only of those who see its code", async () => {
  const world = await loginWorld()
  await withBotInVault(world)
  const { seer } = world.identity
  const guest = await newPerson(world, 'guest')
  await world.ask('maintainer', 'POST', `/projects/${VAULT}/members`, { user_id: guest.id, access_level: 10 })
  const [maintainer, developer, outsider] = [
    await person(world, 'maintainer'),
    await person(world, 'developer'),
    await person(world, 'outsider'),
  ]
  const sees = await Promise.all([maintainer, guest, developer, outsider].map((who) => seer.maySee(who, VAULT)))
  expect(sees).toEqual([true, true, false, false])
  const theirs = task(VAULT, maintainer)
  const reads = await Promise.all([maintainer, guest, developer, outsider].map((who) => seer.mayRead(who, theirs)))
  expect(reads).toEqual([true, false, false, false])
  expect(await seer.mayRead(guest, task(VAULT, guest)), 'what a guest asked').toBe(true)
  expect(await seer.mayRead(developer, task(VAULT, developer)), 'who has left').toBe(false)
  expect(await seer.mayAsk(maintainer, VAULT)).toBe(true)
  expect(await seer.mayAsk(guest, VAULT)).toBe(false)
})

test('a public project is seen by everybody active; what is discreet by who asked, and from Reporter on', async () => {
  const world = await loginWorld()
  const { seer } = world.identity
  const [developer, reporter, outsider] = [
    await person(world, 'developer'),
    await person(world, 'reporter'),
    await person(world, 'outsider'),
  ]
  const reads = (read: Read) => Promise.all([developer, reporter, outsider].map((who) => seer.mayRead(who, read)))
  expect(await seer.maySee(outsider, SHOP)).toBe(true)
  expect(await reads(task(SHOP, developer))).toEqual([true, true, true])
  expect(await reads(task(SHOP, developer, { discreet: true }))).toEqual([true, true, false])
  expect(await reads(task(SHOP, developer, { internal: true }))).toEqual([true, true, false])
  expect(await reads(task(SHOP, outsider, { discreet: true })), 'by who asked').toEqual([true, true, true])
  expect(await Promise.all([developer, reporter, outsider].map((who) => seer.mayAsk(who, SHOP)))).toEqual([
    true,
    false,
    false,
  ])
  await world.ask('root', 'POST', '/users/developer/block')
  expect(await seer.maySee(developer, SHOP)).toBe(false)
  expect(await seer.mayAsk(developer, SHOP)).toBe(false)
  expect(await seer.mayRead(developer, task(SHOP, developer))).toBe(false)
})

test('an internal project is not for external people who are no members', async () => {
  const world = await loginWorld()
  await world.ask('maintainer', 'PUT', `/projects/${SHOP}`, { visibility: 'internal' })
  const contractor = await newPerson(world, 'contractor', { external: true })
  const outsider = await person(world, 'outsider')
  const sees = async ({ identity }: LoginWorld, who: Person) => identity.seer.maySee(who, SHOP)
  expect(await sees(world, outsider)).toBe(true)
  // Their own token says it where the bot is not told.
  const headers = { 'private-token': 'glpat-demo-contractor' }
  const found = await world.identity.authenticate(Object.assign(Object.create(null), { headers }))
  expect(found).toMatchObject({ person: { id: contractor.id } })
  expect(await sees(world, contractor)).toBe(false)
  await world.ask('maintainer', 'POST', `/projects/${SHOP}/members`, { user_id: contractor.id, access_level: 10 })
  expect(await sees(world, contractor)).toBe(true)
})

test("who is external is known to a bot that is an administrator; a wary one takes nobody's word", async () => {
  const setUp = async (options: Parameters<typeof loginWorld>[0]) => {
    const world = await loginWorld(options)
    await world.ask('maintainer', 'PUT', `/projects/${SHOP}`, { visibility: 'internal' })
    const contractor = await newPerson(world, 'contractor', { external: true })
    const who = [contractor, await person(world, 'outsider'), await person(world, 'reporter')]
    return Promise.all(who.map((one) => world.identity.seer.maySee(one, SHOP)))
  }
  expect(await setUp({ bot: 'glpat-demo-root' })).toEqual([false, true, true])
  expect(await setUp({ login: { open: false, wary: true } })).toEqual([false, false, true])
})

test('a project that the bot cannot see, and one that is not there, are alike', async () => {
  const world = await loginWorld()
  const { seer } = world.identity
  const maintainer = await person(world, 'maintainer')
  for (const id of [VAULT, 999]) {
    expect(await seer.maySee(maintainer, id)).toBe(false)
    expect(await seer.mayRead(maintainer, task(id, maintainer))).toBe(false)
    expect(await seer.mayAsk(maintainer, id)).toBe(false)
  }
})

test('the projects to ask in are those where the bot is, and this person may', async () => {
  const world = await loginWorld()
  const { seer } = world.identity
  const [developer, maintainer, outsider] = [
    await person(world, 'developer'),
    await person(world, 'maintainer'),
    await person(world, 'outsider'),
  ]
  const paths = async (who: Person, search = '') => (await seer.projectsOf(who, search)).map(({ path }) => path)
  expect(await seer.projectsOf(developer, '')).toEqual([{ id: SHOP, path: 'demo/shop', defaultBranch: 'main' }])
  expect(await paths(outsider)).toEqual([])
  expect(await paths(maintainer)).toEqual(['demo/shop'])
  await withBotInVault(world)
  expect((await paths(maintainer)).sort()).toEqual(['demo/shop', 'demo/vault'])
  expect(await paths(maintainer, 'vau')).toEqual(['demo/vault'])
  expect(await paths(maintainer, 'VA')).toEqual(['demo/vault'])
  expect(await paths(maintainer, 'nothing of that name')).toEqual([])
  expect(await paths(developer, 'vault')).toEqual([])
  await world.ask('maintainer', 'POST', `/projects/${VAULT}/archive`)
  expect(await paths(maintainer)).toEqual(['demo/shop'])
  expect(await seer.mayAsk(maintainer, VAULT)).toBe(false)
  expect(await seer.maySee(maintainer, VAULT)).toBe(true)
})

test('GitLab is asked once a minute, and its word of a minute ago counts', async () => {
  const world = await loginWorld({ kept: 60_000 })
  await withBotInVault(world)
  const { seer } = world.identity
  const [maintainer, developer] = [await person(world, 'maintainer'), await person(world, 'developer')]
  await fetch(`${world.sandbox.url}/-/sandbox/calls`, { method: 'DELETE' })
  await Promise.all(Array.from({ length: 50 }, () => seer.mayRead(maintainer, task(VAULT, developer))))
  expect(await seer.maySee(developer, VAULT)).toBe(false)
  const calls = z
    .array(z.object({ user: z.string().nullable(), route: z.string(), count: z.number() }))
    .parse(await (await fetch(`${world.sandbox.url}/-/sandbox/calls`)).json())
  expect(calls.map(({ route, count }) => `${count} ${route}`).sort()).toEqual([
    '1 /projects/:id',
    '2 /projects/:id/members/all/:user_id',
    '2 /users/:id',
  ])
})

test('who loses a membership sees nothing more', async () => {
  const world = await loginWorld()
  await withBotInVault(world)
  const { seer } = world.identity
  const guest = await newPerson(world, 'guest')
  const path = `/projects/${VAULT}/members`
  await world.ask('maintainer', 'POST', path, { user_id: guest.id, access_level: 40 })
  expect(await seer.maySee(guest, VAULT)).toBe(true)
  await world.ask('maintainer', 'DELETE', `${path}/${guest.id}`)
  expect(await seer.maySee(guest, VAULT)).toBe(false)
})

test('with GitLab away nobody sees anything: it is thrown, and not remembered', async () => {
  const world = await loginWorld({ kept: 60_000 })
  const { seer } = world.identity
  const developer = await person(world, 'developer')
  const id = idOf(await world.ask('reporter', 'GET', '/user'))
  await world.sandbox.close()
  await expect(seer.maySee(developer, SHOP)).rejects.toThrow('no answer')
  await expect(seer.mayRead(developer, task(SHOP, developer))).rejects.toThrow('no answer')
  await expect(seer.mayAsk(developer, SHOP)).rejects.toThrow('no answer')
  await expect(seer.projectsOf(developer, '')).rejects.toThrow('no answer')
  await expect(seer.isActive(id)).rejects.toThrow('no answer')
})
