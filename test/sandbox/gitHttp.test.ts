import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { cloned, commit, git, pushedBranch, remote } from './clone.ts'
import { hooked } from './hookReceiver.ts'
import { startedSandbox, tempFolder } from './startedSandbox.ts'

test('the shop is cloned by anybody, whole or in part, and brings what an agent looks for', async () => {
  const { sandbox } = await startedSandbox()
  const folder = await cloned(sandbox.url, 'nobody', '--filter=blob:none', '--no-checkout')
  const files = (await git(folder, 'ls-tree', '-r', 'HEAD')).text
  expect(files).toMatch(/^100755 .*\tagent-setup\.sh$/m)
  for (const name of ['CLAUDE.md', 'README.md', 'package.json', 'src/cart.js', 'test/cart.test.js']) {
    expect(files).toContain(`\t${name}\n`)
  }
  expect((await git(folder, 'rev-list', '--objects', '--missing=print', 'HEAD')).text).toMatch(/^\?/m)
  const shallow = await cloned(sandbox.url, 'nobody', '--depth=1')
  expect((await git(shallow, 'rev-parse', '--is-shallow-repository')).text).toBe('true\n')
})

test('developers push, and the user name does not matter', async () => {
  const { sandbox, ask } = await startedSandbox()
  const folder = await cloned(sandbox.url, 'developer')
  const sha = await commit(folder, 'work', 'A.md', 'a\n')
  const address = remote(sandbox.url, 'developer').replace('//developer:', '//whoever:')
  expect((await git(folder, 'push', address, 'work')).text).toContain('[new branch]')
  expect((await ask('nobody', 'GET', '/projects/1/repository/branches/work')).body).toMatchObject({
    commit: { id: sha },
  })
})

test.each([
  ['reporter', /remote: You are not allowed to upload code\.[\s\S]*The requested URL returned error: 403/],
  ['outsider', /You are not allowed to upload code/],
  ['nobody', /could not read Username/],
] as const)('%s may not push', async (who, words) => {
  const { sandbox } = await startedSandbox()
  const folder = await cloned(sandbox.url, who)
  await commit(folder, 'work', 'A.md', 'a\n')
  const { code, text } = await git(folder, 'push', 'origin', 'work')
  expect(code).not.toBe(0)
  expect(text).toMatch(words)
})

test('a wrong password is told as one', async () => {
  const { sandbox } = await startedSandbox()
  const address = remote(sandbox.url, 'maintainer', 'demo/vault').replace('glpat-demo-', 'glpat-wrong-')
  const { text } = await git(tempFolder(), 'clone', address, '.')
  expect(text).toMatch(/remote: HTTP Basic: Access denied[\s\S]*fatal: Authentication failed for/)
})

test('what is private is not there for others', async () => {
  const { sandbox } = await startedSandbox()
  const clone = (who: 'nobody' | 'developer' | 'maintainer') =>
    git(tempFolder(), 'clone', remote(sandbox.url, who, 'demo/vault'), '.')
  expect((await clone('maintainer')).code).toBe(0)
  expect((await clone('developer')).text).toContain('could not be found')
  expect((await clone('nobody')).text).toContain('could not read Username')
})

test.each([
  ['a push', ['HEAD:main'], 'GitLab: You are not allowed to push code to protected branches on this project.'],
  [
    'a forced push',
    ['--force', 'HEAD~1:main'],
    'GitLab: You are not allowed to force push code to a protected branch on this project.',
  ],
  ['a deletion of the default branch', [':main'], 'GitLab: The default branch of a project cannot be deleted.'],
  ['a deletion', [':release/1'], 'GitLab: You are not allowed to delete protected branches from this project.'],
  [
    'a new protected name',
    ['HEAD:refs/heads/release/2'],
    'GitLab: You are not allowed to create protected branches on this project.',
  ],
])('%s by a developer is refused by git on protected branches', async (_, refs, words) => {
  const { sandbox, ask } = await startedSandbox()
  await ask('maintainer', 'POST', '/projects/1/protected_branches', { name: 'release/*' })
  const owner = await cloned(sandbox.url, 'maintainer')
  await commit(owner, 'main', 'B.md', 'b\n')
  expect((await git(owner, 'push', 'origin', 'main', 'main:refs/heads/release/1')).code).toBe(0)
  const folder = await cloned(sandbox.url, 'developer')
  // For the forced push the tip must move back, for the others forward.
  if (!refs.includes('--force')) await commit(folder, 'work', 'C.md', 'c\n')
  const { code, text } = await git(folder, 'push', 'origin', ...refs)
  expect(code).not.toBe(0)
  expect(text).toContain(`remote: ${words}`)
  expect(text).toContain('(pre-receive hook declined)')
  const after = await git(owner, 'ls-remote', 'origin')
  expect(after.text).toContain((await git(owner, 'rev-parse', 'HEAD')).text.trim())
})

test('not even a maintainer forces a protected branch or deletes one by git', async () => {
  const { sandbox, ask } = await startedSandbox()
  await ask('maintainer', 'POST', '/projects/1/protected_branches', { name: 'stable' })
  const folder = await cloned(sandbox.url, 'maintainer')
  await commit(folder, 'stable', 'B.md', 'b\n')
  expect((await git(folder, 'push', 'origin', 'stable')).code).toBe(0)
  expect((await git(folder, 'push', '--force', 'origin', 'HEAD~1:stable')).text).toContain('not allowed to force push')
  expect((await git(folder, 'push', 'origin', ':stable')).text).toContain('using the web interface')
  const refused = await ask('maintainer', 'DELETE', '/projects/1/repository/branches/stable')
  expect(refused.status).toBe(403)
})

test('other branches are forced and deleted as one likes', async () => {
  const { sandbox, ask } = await startedSandbox()
  await pushedBranch(sandbox.url, 'agent/1')
  const folder = await cloned(sandbox.url, 'errand-bot')
  await commit(folder, 'agent/1', 'OTHER.md', 'x\n')
  expect((await git(folder, 'push', 'origin', 'agent/1')).text).toContain('non-fast-forward')
  expect((await git(folder, 'push', '--force', 'origin', 'agent/1')).code).toBe(0)
  const receiver = await hooked(ask, { push_events: true })
  expect((await git(folder, 'push', 'origin', ':agent/1')).code).toBe(0)
  const [gone] = await receiver.wait(1)
  expect(gone?.payload).toMatchObject({ after: '0'.repeat(40), checkout_sha: null, commits: [] })
})

test('a push of more than three branches fires no hook', async () => {
  const { sandbox, ask } = await startedSandbox()
  const receiver = await hooked(ask, { push_events: true })
  const folder = await cloned(sandbox.url, 'developer')
  const refs = ['a', 'b', 'c', 'd'].map((name) => `HEAD:refs/heads/${name}`)
  expect((await git(folder, 'push', 'origin', ...refs)).code).toBe(0)
  await git(folder, 'push', 'origin', 'HEAD:refs/heads/last')
  const [first] = await receiver.wait(1)
  expect(first?.payload).toMatchObject({ ref: 'refs/heads/last' })
})

test('an archived project is read, and neither pushed to nor commented on', async () => {
  const { sandbox, ask } = await startedSandbox()
  expect((await ask('developer', 'POST', '/projects/1/archive')).status).toBe(403)
  expect((await ask('maintainer', 'POST', '/projects/1/archive')).body).toMatchObject({ archived: true })
  const folder = await cloned(sandbox.url, 'developer')
  await commit(folder, 'work', 'A.md', 'a\n')
  expect((await git(folder, 'push', 'origin', 'work')).text).toContain('403')
  expect((await ask('developer', 'GET', '/projects/1/issues/1/notes')).status).toBe(200)
  expect((await ask('developer', 'POST', '/projects/1/issues/1/notes', { body: 'x' })).body).toEqual({
    message: '403 Forbidden',
  })
  await ask('maintainer', 'POST', '/projects/1/unarchive')
  expect((await git(folder, 'push', 'origin', 'work')).code).toBe(0)
})

test('a large pack comes in pieces, without a length', async () => {
  const { sandbox, ask } = await startedSandbox()
  const folder = await cloned(sandbox.url, 'developer')
  writeFileSync(join(folder, 'large.bin'), randomBytes(3_000_000))
  await commit(folder, 'large', 'A.md', 'a\n')
  // Over this size git sends the body chunked.
  expect((await git(folder, '-c', 'http.postBuffer=65536', 'push', 'origin', 'large')).code).toBe(0)
  const file = await ask('developer', 'GET', '/projects/1/repository/files/large.bin?ref=large')
  expect(file.body).toMatchObject({ size: 3_000_000, encoding: 'base64' })
})

test('a compressed body is understood', async () => {
  const { sandbox } = await startedSandbox()
  const response = await fetch(`${sandbox.url}/demo/shop.git/git-upload-pack`, {
    method: 'POST',
    headers: {
      'git-protocol': 'version=2',
      'content-type': 'application/x-git-upload-pack-request',
      'content-encoding': 'gzip',
    },
    body: gzipSync('0014command=ls-refs\n00010000'),
  })
  expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('refs/heads/main')])
})
