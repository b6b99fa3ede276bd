import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AUTHORIZATION, git, gitOk, gitServer, temporaryFolder, throughDoor } from './gitServer.ts'
import { BRANCH, listen, openDoor } from './openDoor.ts'

/** A door before this repository. */
const before = (url: string) =>
  openDoor({ repository: async () => ({ url, branch: BRANCH, authorization: AUTHORIZATION }) })

test('a clone and a fetch pass the door, and the real token stays behind it', async () => {
  await using server = await gitServer()
  await using door = await before(server.url)
  await using folder = await temporaryFolder()
  const clone = join(folder.path, 'clone')
  await gitOk(folder.path, ...throughDoor(door), 'clone', '--quiet', `${door.url}/v1/git`, clone)
  expect(await gitOk(clone, 'log', '--format=%s')).toBe('The first')

  await writeFile(join(server.seed, 'README.md'), '# Shop\n')
  await gitOk(server.seed, 'add', '.')
  await gitOk(server.seed, 'commit', '--quiet', '-m', 'The second')
  await gitOk(server.seed, 'push', '--quiet', 'origin', 'main')
  await gitOk(clone, ...throughDoor(door), 'pull', '--quiet')
  expect(await readFile(join(clone, 'README.md'), 'utf8')).toBe('# Shop\n')

  expect(server.seen.length).toBeGreaterThan(3)
  for (const { headers } of server.seen.slice(-4)) expect(headers.authorization).toBe(AUTHORIZATION)
  expect(JSON.stringify(server.seen.map(({ headers }) => headers))).not.toContain(door.credential)
})

test.each([0, 2])('protocol version %i passes', async (version) => {
  await using server = await gitServer()
  await using door = await before(server.url)
  await using folder = await temporaryFolder()
  server.seen.length = 0
  await gitOk(
    folder.path,
    ...throughDoor(door),
    '-c',
    `protocol.version=${version}`,
    'clone',
    '--quiet',
    `${door.url}/v1/git`,
    'x',
  )
  expect(server.seen[0]?.headers['git-protocol']).toBe(version === 2 ? 'version=2' : undefined)
})

test('partial and shallow clones pass, and fetch what they lack later', async () => {
  await using server = await gitServer()
  await using door = await before(server.url)
  await using folder = await temporaryFolder()
  for (const text of ['one\n', 'two\n']) {
    await writeFile(join(server.seed, 'file'), text)
    await gitOk(server.seed, 'add', '.')
    await gitOk(server.seed, 'commit', '--quiet', '-m', text)
  }
  await gitOk(server.seed, 'push', '--quiet', 'origin', 'main')
  const partial = join(folder.path, 'partial')
  await gitOk(
    folder.path,
    ...throughDoor(door),
    'clone',
    '--quiet',
    '--filter=blob:none',
    `${door.url}/v1/git`,
    partial,
  )
  expect(await gitOk(partial, ...throughDoor(door), 'show', 'HEAD~1:file')).toBe('one')
  const shallow = join(folder.path, 'shallow')
  await gitOk(folder.path, ...throughDoor(door), 'clone', '--quiet', '--depth=1', `${door.url}/v1/git`, shallow)
  expect(await gitOk(shallow, 'rev-list', '--count', 'HEAD')).toBe('1')
  await gitOk(shallow, ...throughDoor(door), 'fetch', '--quiet', '--unshallow')
  expect(await gitOk(shallow, 'rev-list', '--count', 'HEAD')).toBe('3')
})

test("what git packs with gzip reaches GitLab's git as it is", async () => {
  await using server = await gitServer()
  await using door = await before(server.url)
  await using folder = await temporaryFolder()
  const clone = join(folder.path, 'clone')
  await gitOk(folder.path, ...throughDoor(door), 'clone', '--quiet', `${door.url}/v1/git`, clone)
  // A request for many branches is one of more than 1024 bytes, which git packs.
  for (let n = 0; n < 40; n++) {
    const tree = await gitOk(server.seed, 'rev-parse', 'main^{tree}')
    const commit = await gitOk(server.seed, 'commit-tree', tree, '-m', `branch ${n}`)
    await gitOk(server.seed, 'branch', `branch-${n}`, commit)
  }
  await gitOk(server.seed, 'push', '--quiet', '--all', 'origin')
  await gitOk(clone, ...throughDoor(door), 'fetch', '--quiet', 'origin')
  expect(server.seen.map(({ headers }) => headers['content-encoding'])).toContain('gzip')
  expect(await gitOk(clone, 'log', '-1', '--format=%s', 'origin/branch-39')).toBe('branch 39')
})

test.each([
  ['GET', '/v1/git/info/refs', 403],
  ['GET', '/v1/git/info/refs?service=git-upload-archive', 403],
  ['GET', '/v1/git/info/refs?service=git-upload-pack&service=git-receive-pack', 403],
  ['GET', '/v1/git/HEAD', 404],
  ['GET', '/v1/git/objects/info/packs', 404],
  ['GET', '/v1/git/info/lfs/objects/batch', 404],
  ['POST', '/v1/git/gitlab-lfs/objects/batch', 404],
  ['POST', '/v1/git/git-upload-archive', 404],
  ['GET', '/v1/git/../../other/project.git/info/refs?service=git-upload-pack', 404],
  ['GET', '/v1/git/%2e%2e/project.git/info/refs?service=git-upload-pack', 404],
])('%s %s does not pass', async (method, path, status) => {
  await using server = await gitServer()
  await using door = await before(server.url)
  server.seen.length = 0
  expect((await door.call(path, { method })).status).toBe(status)
  expect(server.seen).toEqual([])
})

test.each([
  [
    'a wrong token',
    401,
    {},
    'HTTP Basic: Access denied',
    403,
    "GitLab refused Errand's token (401): HTTP Basic: Access denied",
  ],
  [
    'a missing right',
    403,
    {},
    'You are not allowed to download code.',
    403,
    'GitLab answered 403: You are not allowed to download code.',
  ],
  ['a project that is gone', 404, {}, 'not found', 404, 'GitLab answered 404: not found'],
  ['an outage', 502, {}, 'waiting for GitLab to boot', 503, 'GitLab answered 502: waiting for GitLab to boot'],
  ['a rate limit', 429, { 'retry-after': '17' }, 'Retry later', 503, 'GitLab answered 429: Retry later'],
  [
    'a redirect',
    302,
    { location: 'http://169.254.169.254/' },
    '',
    502,
    'GitLab answered with a redirect; is GITLAB_URL right?',
  ],
  ['a token in its words', 403, {}, 'glpat-THE-REAL-TOKEN is expired', 403, 'GitLab answered 403: [masked] is expired'],
] as const)('%s at GitLab is told to git in words', async (_, status, headers, words, shown, expected) => {
  await using server = await listen((_, res) =>
    res.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(words),
  )
  await using door = await before(`${server.url}/group/project.git`)
  const answer = await door.call('/v1/git/info/refs?service=git-upload-pack')
  expect(answer.status).toBe(shown)
  expect(await answer.text()).toBe(`${expected}\n`)
  expect(answer.headers.get('www-authenticate')).toBeNull()
  if (shown === 503) expect(answer.headers.get('retry-after')).toBe(status === 429 ? '17' : '5')
  await using folder = await temporaryFolder()
  const { code, err } = await git(folder.path, ...throughDoor(door), 'clone', `${door.url}/v1/git`, 'x')
  expect(code).not.toBe(0)
  expect(err).toContain(`remote: ${expected}`)
})

test('a GitLab that is away is 503 in words', async () => {
  const gone = await listen(() => {})
  await gone[Symbol.asyncDispose]()
  await using door = await before(`${gone.url}/group/project.git`)
  const answer = await door.call('/v1/git/info/refs?service=git-upload-pack')
  expect(answer.status).toBe(503)
  expect(await answer.text()).toMatch(
    /^GitLab cannot be reached: 127\.0\.0\.1:\d+ did not answer: connect ECONNREFUSED/,
  )
})

test('an answer that breaks off is an error for git too', async () => {
  await using server = await gitServer((req, res) => {
    if (req.method !== 'POST') return false
    res
      .writeHead(200, { 'content-type': 'application/x-git-upload-pack-result' })
      .write('0008NAK\n', () => res.destroy())
    return true
  })
  await using door = await before(server.url)
  await using folder = await temporaryFolder()
  expect((await git(folder.path, ...throughDoor(door), 'clone', `${door.url}/v1/git`, 'x')).code).not.toBe(0)
})

test('when the container goes, the call to GitLab ends', async () => {
  const asked = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  await using server = await listen((_, res) => {
    res.on('close', ended.resolve)
    asked.resolve()
  })
  await using door = await before(`${server.url}/group/project.git`)
  const gone = new AbortController()
  const call = door.call('/v1/git/info/refs?service=git-upload-pack', { signal: gone.signal }).catch(() => 'gone')
  await asked.promise
  gone.abort()
  expect(await call).toBe('gone')
  await ended.promise
})
