/** The real git-lfs through the door; where it is not installed, these tests say that they were skipped. */

import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { git, gitOk, gitServer, temporaryFolder, throughDoor } from './gitServer.ts'
import { lfsServer } from './lfsServer.ts'
import { BRANCH } from './openDoor.ts'
import { workspace } from './workspace.ts'

await using probe = await temporaryFolder()
const installed = (await git(probe.path, 'lfs', 'version')).code === 0

test.each([
  ['the token of GitLab', { downloads: 'token', storage: false }],
  ['a storage of signed addresses', { downloads: 'redirect', storage: true }],
] as const)('git-lfs pushes and pulls a large file: %s', { skip: !installed }, async (_, options) => {
  await using lfs = await lfsServer(options)
  await using server = await gitServer(lfs.answers)
  await using space = await workspace(server)
  const large = randomBytes(300_000)
  await gitOk(space.clone, 'lfs', 'install', '--local')
  await gitOk(space.clone, 'config', 'lfs.url', `${space.door.url}/v1/git/info/lfs`)
  await gitOk(space.clone, 'lfs', 'track', '*.bin')
  await writeFile(join(space.clone, 'large.bin'), large)
  await space.commit('a large file')
  const pushed = await space.push(BRANCH)
  expect(pushed).toMatchObject({ code: 0 })
  expect(pushed.err).not.toMatch(/lock|warning|error/i)
  expect([...lfs.objects.values()].map((bytes) => bytes.equals(large))).toEqual([true])
  expect(lfs.verified).toHaveLength(options.storage ? 1 : 0)

  await using folder = await temporaryFolder()
  const copy = join(folder.path, 'copy')
  const through = [...throughDoor(space.door), '-c', `lfs.url=${space.door.url}/v1/git/info/lfs`]
  await gitOk(folder.path, ...through, 'clone', '--quiet', '--branch', BRANCH, `${space.door.url}/v1/git`, copy)
  expect(await readFile(join(copy, 'large.bin'), 'utf8')).toMatch(/^version https:\/\/git-lfs/)
  await gitOk(copy, 'lfs', 'install', '--local')
  await gitOk(copy, ...through, 'lfs', 'pull')
  expect((await readFile(join(copy, 'large.bin'))).equals(large)).toBe(true)
  expect(JSON.stringify([lfs.seen, server.seen.map(({ headers }) => headers)])).not.toContain(space.door.credential)
})

test('git-lfs shows why an upload is refused, and the push fails', { skip: !installed }, async () => {
  await using lfs = await lfsServer()
  await using server = await gitServer(lfs.answers)
  await using space = await workspace(server, { mayPush: async () => '@ada may not push to this project any more' })
  await gitOk(space.clone, 'lfs', 'install', '--local')
  await gitOk(space.clone, 'config', 'lfs.url', `${space.door.url}/v1/git/info/lfs`)
  await gitOk(space.clone, 'lfs', 'track', '*.bin')
  await writeFile(join(space.clone, 'large.bin'), randomBytes(1000))
  await space.commit('a large file')
  const pushed = await space.push(BRANCH)
  expect(pushed.code).not.toBe(0)
  expect(pushed.err).toContain('@ada may not push to this project any more.')
  expect(lfs.objects.size).toBe(0)
})
