import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, expect, inject, test } from 'vitest'
import { createAudited } from '../../src/commands/audited.ts'
import { createAudit } from '../../src/redis/audit.ts'
import { createStore } from '../../src/redis/store.ts'
import type { Answer, Refusal } from '../../src/tasks/entry.ts'
import { aTask, THREAD } from '../tasks/aTask.ts'

const redis = new Redis(inject('redisUrl'))
afterAll(() => redis.disconnect())

function aTrail() {
  const prefix = `{audited-${randomUUID()}}`
  const [audit, store] = [createAudit(redis, prefix, 400), createStore(redis, prefix)]
  const create = createAudited({ audit, store })
  let notes = 0
  return {
    create,
    store,
    deeds: async () => (await Array.fromAsync(audit.read(0))).map(({ deed, by, what }) => ({ deed, by, what })),
    /** As tasks/fromNote.ts answers a comment on that issue. */
    async refuse(username: string, iid: number, why: Refusal): Promise<Answer> {
      const note = ++notes
      const to = { id: username.length, username, name: username }
      const thread = { ...THREAD, iid, note }
      const again = await store.refusedLately(`42-n${note}`, thread, to)
      const saying = { say: again ? 'refused-again' : 'refused', why } as const
      const answer: Answer = { kind: 'answer', id: `42-n${note}`, thread, to, saying, createdAt: note, done: false }
      await create(answer)
      return answer
    },
  }
}

test('who comments without end is recorded once, on each issue', async () => {
  const { refuse, deeds, store } = aTrail()
  const why = { why: 'role', has: 20, needs: 30 } as const
  for (let n = 0; n < 50; n++) await refuse('reporter', 1 + (n % 2), why)
  const once = { deed: 'refused', by: 'reporter', what: 'role' }
  expect(await deeds()).toEqual([once, once])
  expect(await store.unfinished(), 'each has its answer all the same').toHaveLength(50)
})

test('who is no member is recorded once, on however many issues', async () => {
  const { refuse, deeds } = aTrail()
  for (let n = 0; n < 20; n++) await refuse('stranger', n, { why: 'not-a-member', needs: 30 })
  await refuse('another', 1, { why: 'not-a-member', needs: 30 })
  expect(await deeds()).toEqual([
    { deed: 'refused', by: 'stranger', what: 'not-a-member' },
    { deed: 'refused', by: 'another', what: 'not-a-member' },
  ])
})

test('what is asked is recorded each time, and what is told of again is not', async () => {
  const { create, deeds } = aTrail()
  const [first, second] = [aTask(), aTask({ id: '42-n1400' })]
  expect([await create(first), await create(second), await create(first)]).toEqual([true, true, false])
  const asked = { deed: 'asked', by: 'dora', what: 'note' }
  expect(await deeds()).toEqual([asked, asked])
})
