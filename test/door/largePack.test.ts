import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { expect, test } from 'vitest'
import { git, gitOk, gitServer, temporaryFolder, throughDoor } from './gitServer.ts'
import { watchMemory } from './memory.ts'
import { BRANCH } from './openDoor.ts'
import { workspace } from './workspace.ts'

test('packs of 48 MB pass in both directions in constant memory', { timeout: 60_000 }, async () => {
  await using server = await gitServer()
  await using space = await workspace(server)
  // Noise: nothing that git could make smaller.
  const noise = Readable.from(
    (function* () {
      for (let n = 0; n < 48; n++) yield randomBytes(1024 * 1024)
    })(),
  )
  await pipeline(noise, createWriteStream(join(space.clone, 'noise')))
  await gitOk(space.clone, 'config', 'core.compression', '0')
  await gitOk(space.clone, 'add', '.')
  await gitOk(space.clone, 'commit', '--quiet', '-m', 'noise')
  using memory = watchMemory()
  expect(await space.push(BRANCH)).toMatchObject({ code: 0 })
  await using folder = await temporaryFolder()
  const args = ['clone', '--quiet', '--branch', BRANCH, `${space.door.url}/v1/git`, 'copy']
  expect(await git(folder.path, ...throughDoor(space.door), ...args)).toMatchObject({ code: 0 })
  const refused = await space.push(`${BRANCH}:refs/heads/other`)
  expect(refused.err).toContain('[remote rejected]')
  expect(await gitOk(join(folder.path, 'copy'), 'rev-parse', 'HEAD')).toBe(
    await gitOk(space.clone, 'rev-parse', 'HEAD'),
  )
  expect(memory.most()).toBeLessThan(24 * 1024 * 1024)
})
