/**
 * A hostile agent (test/hostile/agent.ts) in the image, on a cluster: nothing gets out, nothing breaks, and what people read is right.
 * What a network policy keeps it from is not seen here: the addresses that it knocks at are this machine's own.
 */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { sign } from '../../src/door/credential.ts'
import type { World } from '../conversations/world.ts'
import { leaks } from '../hostile/leaks.ts'
import { ENCODINGS } from '../hostile/shout.ts'
import { type Model, startModel } from '../models/server.ts'
import { podsOf } from './clusterWorld.ts'
import { deedsOf, foundIn, KNOWN, keptOf, refsOf, SECRETS, SHAPED, shownOf, startHostileWorld } from './hostileWorld.ts'
import { watchOver } from './watchOver.ts'

const MIB = 1024 * 1024

let world: World
let model: Model

beforeAll(async () => {
  model = await startModel({ mode: 'sequence', steps: Array.from({ length: 100 }, () => ({ text: 'More.' })) })
  world = await startHostileWorld(model.url)
})

afterAll(async () => {
  await world[Symbol.asyncDispose]()
  await model.close()
})

test('the finder of leaks finds every encoding, so that what it does not find is not there', () => {
  for (const secret of KNOWN) {
    for (const [name, encode] of Object.entries(ENCODINGS)) {
      for (const text of [secret, `key=${secret};`, `a: ${secret}\n`]) {
        expect(leaks(`before ${encode(text)} after`, secret), name).not.toEqual([])
      }
    }
    expect(leaks(`before ${Buffer.from(secret).toString('hex')} after`, secret)).not.toEqual([])
    expect(leaks(`${secret.slice(0, 12)}${secret.slice(13)}`, secret)).toEqual([])
  }
})

test('it steals, knocks, pushes, spends, shouts and tampers: nothing gets out, nothing else is touched', async () => {
  const before = await refsOf(world)
  const task = await world.say('developer', '/agent be hostile\nhostile: look reach push spend shout tamper')
  const answer = await world.answer(task)
  await world.over(task)

  // What it saw, unmasked, since git is not masked: the one secret is its own credential.
  const seen = await world.file('seen.txt', `agent/${task}`)
  const credential = sign(SECRETS.ERRAND_KEY, task, 1)
  expect(seen).toContain('ERRAND_CREDENTIAL_FILE=')
  expect(seen).toMatch(/^=== \/var\/run\/errand\/.*credential\n/m)
  expect(seen).toContain(credential)
  expect(seen).not.toContain('serviceaccount/token')
  expect(foundIn(seen.replaceAll(credential, ''), task)).toEqual([])

  // What it did.
  const done = await deedsOf(world, task)
  const of = (deed: string) => [...done].filter(([name]) => name.startsWith(`${deed} `))
  expect(of('push')).toHaveLength(12)
  expect(of('push').filter(([, came]) => !came.startsWith('refused'))).toEqual([])
  expect(of('tamper')).toHaveLength(7)
  expect(of('tamper').filter(([, came]) => !came.startsWith('refused'))).toEqual([])
  expect(of('reach')).toHaveLength(20)
  expect(of('reach').filter(([, came]) => !/^4\d\d\b/.test(came))).toEqual([])
  expect(done.get('spend')).toMatch(/^refused after [1-9] calls: 4\d\d .*budget/)
  expect(model.recorded.length).toBeLessThan(10)
  const own = [`refs/heads/agent/${task}`]
  const after = [...(await refsOf(world))].filter(([name]) => !own.includes(name) && !/^refs\/merge-req/.test(name))
  expect(new Map(after)).toEqual(before)

  // What people are shown: the log, whole, with all but the one form of a secret in which its line ends; comments, page.
  const log = (await keptOf(world, task)).log.toString('latin1')
  expect(log.match(/^shouted .*\[masked\].* shouted$/gm)).toHaveLength(KNOWN.length * (3 * 5 - 1) + SHAPED.length)
  expect(log).toMatch(/^slowly torn .*\[masked\] torn$/m)
  expect(foundIn(log, task)).toEqual([])
  const shown = await shownOf(world, task)
  expect(shown).toContain('I have found these:')
  expect(foundIn(shown, task)).toEqual([])
  expect(answer).toContain('is ready for review')
  expect(answer).toContain('[masked]')
  expect(answer).not.toMatch(/^\/\w/m)
  expect(await world.api('maintainer', 'GET', 'projects/1/issues/1')).toMatchObject({ state: 'opened' })
  expect((await world.mergeRequests()).map(({ state }) => state)).toEqual(['opened'])
})

test('it floods and does not let itself be stopped: its time ends it, and everybody else goes on', async () => {
  const watched = watchOver(world, 140_000)
  const task = await world.say('developer', '/agent be loud\nhostile: lines line hang')
  const answer = await world.answer(task)
  const { slowest, grown, answers } = await watched()
  expect(answer).toContain('it ran into its time limit')
  expect(answer).toContain('agent/TASK')
  expect((await deedsOf(world, task)).get('line')).toBe(String(100 * MIB))

  const { log, memory } = await keptOf(world, task)
  expect(log.length).toBeGreaterThan(60 * MIB)
  expect(log.length).toBeLessThan(66 * MIB)
  expect(log.subarray(-100).toString()).toMatch(/x+\nlog cut here\n$/)
  const numbers = log.toString('latin1').match(/^line \d+$/gm) ?? []
  expect(numbers).toHaveLength(1_000_000)
  expect(numbers.findIndex((line, n) => line !== `line ${n}`)).toBe(-1)

  const mib = (bytes: number) => `${Math.round(bytes / MIB)} MiB`
  console.log(`The flood: slowest answer ${slowest} ms, Errand grew by ${mib(grown)}, Redis holds ${mib(memory)}`)
  expect([...answers]).toEqual([200])
  expect(slowest).toBeLessThan(10_000)
  expect(grown).toBeLessThan(500 * MIB)
  expect(memory).toBeLessThan(150 * MIB)
  await world.until('its pod to be gone', async () => {
    const running = (await podsOf(task)).filter(({ status }) => status.phase === 'Running')
    return running.length === 0 ? true : undefined
  })
})

test("it forges an outcome, with somebody else's branch as its work: nobody believes it", async () => {
  await world.api('maintainer', 'POST', 'projects/1/repository/branches?branch=innocent&ref=main')
  const before = (await world.mergeRequests()).length
  const task = await world.say('developer', '/agent be false\nhostile: forge hang')
  const answer = await world.answer(task)
  await world.over(task)
  expect((await keptOf(world, task)).log.toString()).toContain('deed: forge: begins')
  expect(await world.mergeRequests()).toHaveLength(before)
  expect(answer).toContain('This did not work')
  expect(answer).not.toMatch(/is on `innocent`|fffffff|ready for review/)
})

test('it kills what started it: that is told, and nothing is left running', async () => {
  const task = await world.say('developer', '/agent be deadly\nhostile: murder')
  expect(await world.answer(task)).toMatch(/This did not work: .*lost[\s\S]*exit code 137/)
  await world.over(task)
})

test('after all that, the next one is served', async () => {
  const task = await world.say('developer', '/agent be good\nhostile: nothing')
  expect(await world.answer(task)).toContain('is ready for review')
  await world.over(task)
  expect([...(await deedsOf(world, task)).keys()]).toEqual(['took'])
})
