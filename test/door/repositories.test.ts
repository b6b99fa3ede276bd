import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AUTHORIZATION, git, gitOk, gitServer, temporaryFolder, throughDoor } from './gitServer.ts'
import { BRANCH, openDoor } from './openDoor.ts'

/** A door whose task may read `group/library` beside its own project. */
async function before(server: Awaited<ReturnType<typeof gitServer>>) {
  const asked: string[] = []
  const door = await openDoor({
    repository: async () => ({ url: server.url, branch: BRANCH, authorization: AUTHORIZATION }),
    repositoryOf: async (task, path) => {
      asked.push(`${task} ${path}`)
      if (path === 'group/library') return { url: server.url, authorization: AUTHORIZATION }
      return `@ada, who asked for this, may not read ${path}`
    },
  })
  return { ...door, asked, [Symbol.asyncDispose]: () => door[Symbol.asyncDispose]() }
}

test('a submodule is fetched through the door, if the person who asked may read it', async () => {
  await using server = await gitServer()
  await using door = await before(server)
  await using folder = await temporaryFolder()
  const library = join(folder.path, 'library')
  await gitOk(
    folder.path,
    ...throughDoor(door),
    'clone',
    '--quiet',
    `${door.url}/v1/repositories/group/library.git`,
    library,
  )
  expect(await gitOk(library, 'log', '--format=%s')).toBe('The first')
  expect(new Set(door.asked)).toEqual(new Set(['42-n1337 group/library']))

  const refused = await git(
    folder.path,
    ...throughDoor(door),
    'clone',
    `${door.url}/v1/repositories/group/sub/vault.git`,
  )
  expect(refused.err).toContain('remote: @ada, who asked for this, may not read group/sub/vault.')
  expect(door.logged).toContainEqual(
    expect.objectContaining({ msg: 'another repository was refused', task: '42-n1337' }),
  )
})

test('a submodule is updated by a clone whose addresses lead through the door', async () => {
  await using server = await gitServer()
  await using door = await before(server)
  await using folder = await temporaryFolder()
  const { seed } = server
  const elsewhere = 'https://gitlab.example.com/group/library.git'
  const entry = `[submodule "library"]\n\tpath = library\n\turl = ${elsewhere}\n`
  await gitOk(seed, 'config', '--file', '.gitmodules', 'submodule.library.path', 'library')
  await gitOk(seed, 'config', '--file', '.gitmodules', 'submodule.library.url', elsewhere)
  expect(await readFile(join(seed, '.gitmodules'), 'utf8')).toBe(entry)
  await gitOk(seed, 'update-index', '--add', '--cacheinfo', `160000,${await gitOk(seed, 'rev-parse', 'HEAD')},library`)
  await gitOk(seed, 'add', '.gitmodules')
  await gitOk(seed, 'commit', '--quiet', '-m', 'A submodule')
  await gitOk(seed, 'push', '--quiet', 'origin', 'main')
  const led = ['-c', `url.${door.url}/v1/repositories/.insteadOf=https://gitlab.example.com/`]
  const clone = join(folder.path, 'clone')
  await gitOk(
    folder.path,
    ...throughDoor(door),
    ...led,
    'clone',
    '--quiet',
    '--recurse-submodules',
    `${door.url}/v1/git`,
    clone,
  )
  expect(await gitOk(join(clone, 'library'), 'log', '--format=%s')).toBe('The first')
})

test('nothing can be pushed to it', async () => {
  await using server = await gitServer()
  await using door = await before(server)
  await using folder = await temporaryFolder()
  const library = join(folder.path, 'library')
  const through = throughDoor(door)
  await gitOk(folder.path, ...through, 'clone', '--quiet', `${door.url}/v1/repositories/group/library.git`, library)
  await gitOk(library, 'commit', '--quiet', '--allow-empty', '-m', 'mine')
  const { code, err } = await git(library, ...through, 'push', 'origin', `HEAD:refs/heads/${BRANCH}`)
  expect(code).not.toBe(0)
  expect(err).toContain('remote: group/library can be fetched through Errand, and not pushed to.')
  server.seen.length = 0
  const direct = await door.call('/v1/repositories/group/library.git/git-receive-pack', {
    method: 'POST',
    body: '0000',
  })
  expect(direct.status).toBe(403)
  expect(server.seen).toEqual([])
})

test.each([
  ['GET', '/group/library/info/refs?service=git-upload-pack', 404],
  ['GET', '/library.git/info/refs?service=git-upload-pack', 404],
  ['GET', '/group/../library.git/info/refs?service=git-upload-pack', 404],
  ['GET', '/group/%2e%2e/library.git/info/refs?service=git-upload-pack', 404],
  ['GET', '/group/-/library.git/info/refs?service=git-upload-pack', 404],
  ['GET', '/group%2flibrary.git/info/refs?service=git-upload-pack', 404],
  ['GET', '/group/library.git/info/refs', 403],
  ['GET', '/group/library.git/info/refs?service=git-upload-archive', 403],
  ['GET', '/group/library.git/git-upload-pack', 404],
  ['POST', '/group/library.git/info/refs?service=git-upload-pack', 404],
  ['POST', '/group/library.git/info/lfs/objects/batch', 404],
  ['GET', '/group/library.git/HEAD', 404],
])('%s %s does not pass', async (method, path, status) => {
  await using server = await gitServer()
  await using door = await before(server)
  server.seen.length = 0
  expect((await door.call(`/v1/repositories${path}`, { method })).status).toBe(status)
  expect(server.seen).toEqual([])
  expect(door.asked).toEqual([])
})

test('without a credential nobody is told what there is', async () => {
  await using door = await openDoor()
  const answer = await fetch(`${door.url}/v1/repositories/group/library.git/info/refs?service=git-upload-pack`)
  expect(answer.status).toBe(401)
  expect(answer.headers.get('www-authenticate')).toBe('Basic realm="Errand"')
})

test('an error of GitLab while it is asked never looks as if the attempt were over', async () => {
  await using door = await openDoor({
    repositoryOf: async () => {
      throw Object.assign(new Error('GET /api/v4/projects/1: 401'), { status: 401 })
    },
  })
  const answer = await door.call('/v1/repositories/group/library.git/info/refs?service=git-upload-pack')
  expect(answer.status).toBe(503)
})
