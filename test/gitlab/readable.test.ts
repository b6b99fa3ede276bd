import { expect, test } from 'vitest'
import { connectGitLab } from '../../src/gitlab/client.ts'
import { readableProject } from '../../src/gitlab/readable.ts'
import { idOf, startedSandbox, type Who } from '../sandbox/startedSandbox.ts'

/** Asks as the administrator, who sees every project: what counts is the person who asked. */
async function world(as: Who = 'root') {
  const { sandbox, ask } = await startedSandbox()
  const gitlab = connectGitLab(sandbox.url, async () => `glpat-demo-${as}`, { timeout: 5000, backoff: 5 })
  return {
    ask,
    read: async (who: Who, named: string) =>
      readableProject(gitlab, named, { id: idOf(await ask(who, 'GET', '/user')), username: who }),
  }
}

test('a private project is read by its members from Reporter on, and by nobody else', async () => {
  const { ask, read } = await world()
  const found = { id: expect.any(Number), path: 'demo/vault' }
  expect(await read('maintainer', 'demo/vault')).toEqual(found)
  expect(await read('developer', 'demo/vault')).toBe('@developer, who asked for this, may not read demo/vault')
  const vault = (await ask('root', 'GET', '/projects/demo%2Fvault')).body as { id: number }
  expect(await read('maintainer', String(vault.id))).toEqual(found)
  const developer = idOf(await ask('developer', 'GET', '/user'))
  for (const [level, expected] of [
    [10, expect.any(String)],
    [20, found],
  ]) {
    await ask('root', 'POST', `/projects/${vault.id}/members`, { user_id: developer, access_level: level })
    await ask('root', 'PUT', `/projects/${vault.id}/members/${developer}`, { access_level: level })
    expect(await read('developer', 'demo/vault')).toEqual(expected)
  }
})

test('a public or internal project is read by everybody', async () => {
  const { ask, read } = await world()
  const shop = { id: expect.any(Number), path: 'demo/shop' }
  expect(await read('outsider', 'demo/shop')).toEqual(shop)
  await ask('root', 'PUT', '/projects/demo%2Fshop', { visibility: 'internal' })
  expect(await read('outsider', 'demo/shop')).toEqual(shop)
  await ask('root', 'PUT', '/projects/demo%2Fshop', { visibility: 'private' })
  expect(await read('outsider', 'demo/shop')).toBe('@outsider, who asked for this, may not read demo/shop')
})

test('what the bot itself does not see is said, whoever asks', async () => {
  const { read } = await world('errand-bot')
  for (const named of ['demo/vault', 'demo/nothing', '99999']) {
    expect(await read('maintainer', named)).toBe(
      `${named} is not there, or Errand may not read it: its bot needs to be a Reporter there`,
    )
  }
})
