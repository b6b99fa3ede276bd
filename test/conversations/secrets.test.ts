import { expect, test } from 'vitest'
import { startWorld } from './world.ts'

test("a rehearsal that prints its environment, its files and git's configuration shows no token and no key of ours", async () => {
  const key = 'sk-ant-api03-CANARY-of-the-model-provider'
  await using world = await startWorld({
    environment: { ANTHROPIC_API_KEY: key, SECRET_OF_THE_OPERATOR: 'canary-of-the-operator' },
  })
  const task = await world.say('developer', '/agent look around\nrehearse: print environment')
  await world.answer(task)
  const page = await world.shown(task)
  expect(page, 'it did print').toMatch(/HOME=/)
  expect(page).toContain('remote.origin.url')
  // By name, since the masker would hide their values: none of ours is in its environment at all.
  for (const name of [
    'GITLAB_TOKEN',
    'ANTHROPIC_API_KEY',
    'WEBHOOK_SECRETS',
    'ERRAND_KEY',
    'REDIS_URL',
    'SECRET_OF_THE_OPERATOR',
  ]) {
    expect(page).not.toContain(name)
  }
  const masked = page.split('\n').filter((line) => line.includes('[masked]'))
  expect(masked.filter((line) => !/extraheader|GIT_CONFIG_VALUE|credential/i.test(line))).toEqual([])
  for (const secret of [
    'glpat-',
    key,
    'canary-of-the-operator',
    'a-webhook-secret-of-this-world',
    'kkkkkkkk',
    'redis://',
  ]) {
    expect(page).not.toContain(secret)
  }
  // The one credential that it has is masked where people read.
  expect(page).not.toMatch(/errand\.1-n\d+\.\d+\.[\w-]{20}/)
})
