import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readSettings } from '../../runtime/gitmodules.ts'
import { projectOf } from '../../runtime/submoduleUrl.ts'
import { type Attempt, BRANCH, newAttempt } from './attempt.ts'
import { left } from './left.ts'

type Link = { readonly url: string; readonly commit: string; readonly more?: string }

/** Commits submodules to `main` of a repository, whatever their urls say. */
function link({ folder }: Attempt, repository: string, links: Readonly<Record<string, Link>>): void {
  const clone = join(folder, `links-${readdirSync(folder).length}`)
  const call = (...args: string[]) =>
    execFileSync('git', ['-C', clone, '-c', 'user.name=P', '-c', 'user.email=p@example.com', ...args], {
      stdio: 'pipe',
    })
  execFileSync('git', ['clone', '--quiet', repository, clone])
  for (const [path, { url, commit, more = '' }] of Object.entries(links)) {
    appendFileSync(join(clone, '.gitmodules'), `[submodule "${path}"]\n\tpath = ${path}\n\turl = ${url}\n${more}`)
    call('update-index', '--add', '--cacheinfo', `160000,${commit},${path}`)
  }
  if (Object.keys(links).length > 0) call('add', '.gitmodules')
  call('commit', '--quiet', '--allow-empty', '-m', 'Link')
  call('push', '--quiet', 'origin', 'main')
}

const tip = (repository: string) =>
  execFileSync('git', ['-C', repository, 'rev-parse', 'main'], { encoding: 'utf8' }).trim()

/** A project at the door, and the newest commit of it. */
function lib(attempt: Attempt, name: string): { path: string; commit: string } {
  const path = attempt.project(name, { 'lib.ts': `export const name = '${name}'\n` })
  attempt.door.repositories.set(name, path)
  return { path, commit: tip(path) }
}

const inRepo = (attempt: Attempt, path: string) => join(attempt.workspace, 'repo', path)
const git = (attempt: Attempt) => attempt.door.seen.filter((call) => call.includes('/v1/repositories/'))

test('relative, absolute and ssh addresses of this GitLab come through the door, and theirs as well, to a depth of three', async () => {
  const attempt = await newAttempt({ prompt: 'rehearse: print environment' })
  const [a, b, c, d, e] = ['demo/a', 'other/b', 'demo/sub/c', 'demo/d', 'demo/e'].map((name) => lib(attempt, name))
  if (!a || !b || !c || !d || !e) throw new Error()
  link(attempt, d.path, { e: { url: '../e.git', commit: e.commit } })
  link(attempt, c.path, { d: { url: 'https://gitlab.example.com/demo/d', commit: tip(d.path) } })
  link(attempt, b.path, { c: { url: '../../demo/sub/c.git', commit: tip(c.path) } })
  link(attempt, attempt.bare, {
    a: { url: '../a.git', commit: a.commit },
    'deep/b': { url: 'git@gitlab.example.com:other/b.git', commit: tip(b.path), more: '\tupdate = none\n' },
  })
  expect(await attempt.run()).toBe(0)
  for (const path of ['a/lib.ts', 'deep/b/lib.ts', 'deep/b/c/lib.ts', 'deep/b/c/d/lib.ts']) {
    expect(existsSync(inRepo(attempt, path)), path).toBe(true)
  }
  expect(existsSync(inRepo(attempt, 'deep/b/c/d/e/lib.ts'))).toBe(false)
  expect(attempt.door.outcome).toMatchObject({
    result: 'pushed',
    pushed: { files: [{ path: 'REHEARSAL.md' }] },
    warnings: ['The submodule `deep/b/c/d/e` was not fetched: at most 100 are, and 3 levels of them.'],
  })
  expect(attempt.door.log.toString()).toMatch(/the workspace is ready: clone [\d.]+ s, submodules [\d.]+ s/)
  expect(attempt.git('ls-tree', BRANCH, 'a', 'deep/b')).toBe(attempt.git('ls-tree', 'main', 'a', 'deep/b'))
})

test('the agent can use git inside one: its history comes through the door too', async () => {
  const attempt = await left('git -C a log -p > patches; git -C a status --short; git submodule status >> patches')
  const a = lib(attempt, 'demo/a')
  link(attempt, attempt.bare, { a: { url: '../a', commit: a.commit } })
  expect(await attempt.run()).toBe(0)
  expect(attempt.git('show', `${BRANCH}:patches`)).toMatch(/^\+export const name = 'demo\/a'$.*^ [0-9a-f]+ a /ms)
  expect(attempt.door.outcome?.warnings).toEqual([])
})

test('one that may not be read, and ones that are elsewhere, are named in the reply; nothing but the door is asked', async () => {
  const attempt = await newAttempt()
  const commit = attempt.git('rev-parse', 'main')
  attempt.door.fault = (_, path) => (path.includes('/demo/secret.git') ? { status: 403 } : undefined)
  link(attempt, attempt.bare, {
    secret: { url: '../secret', commit },
    missing: { url: '../missing', commit },
    other: { url: 'https://127.0.0.1:1/demo/a', commit },
    local: { url: `file://${attempt.bare}`, commit },
    path: { url: attempt.bare, commit },
    ext: { url: `ext::sh -c touch% ${attempt.folder}/pwned`, commit },
    option: { url: '--upload-pack=touch pwned', commit },
  })
  expect(await attempt.run()).toBe(0)
  expect(attempt.door.outcome?.warnings).toEqual([
    'The submodules `secret`, `missing` were not fetched: no such project, or the person who asked may not read it.',
    'The submodules `other`, `local`, `path`, `ext`, `option` were not fetched: only projects of this GitLab are.',
  ])
  expect([...new Set(git(attempt).map((call) => /repositories\/(.+?)\.git/.exec(call)?.[1]))]).toEqual([
    'demo/secret',
    'demo/missing',
  ])
  expect(existsSync(join(attempt.folder, 'pwned'))).toBe(false)
  expect(readFileSync(inRepo(attempt, '.git/config'), 'utf8')).not.toMatch(/ext::|file:|upload-pack/)
})

test('a `.gitmodules` that names a program has none of its submodules fetched', async () => {
  const attempt = await newAttempt()
  const { commit } = lib(attempt, 'demo/a')
  link(attempt, attempt.bare, { a: { url: '../a', commit, more: `\tupdate = !touch ${attempt.folder}/pwned\n` } })
  expect(await attempt.run()).toBe(0)
  expect(attempt.door.outcome).toMatchObject({
    result: 'pushed',
    warnings: ['Submodules were not fetched: `.gitmodules` names a program to be run.'],
  })
  expect(existsSync(join(attempt.folder, 'pwned'))).toBe(false)
  expect(git(attempt)).toEqual([])
})

test('changes inside one are not kept, and that is said; a newer commit that is there is kept', async () => {
  const attempt = await left(`echo x >> changed/lib.ts; echo x > new/file
    cd committed; echo x >> lib.ts; git commit -qam x; cd ..; git -C newer fetch -q; git -C newer checkout -q FETCH_HEAD; echo 1 > one`)
  const names = ['changed', 'new', 'committed', 'newer', 'untouched']
  const libs = names.map((name) => lib(attempt, `demo/${name}`))
  link(
    attempt,
    attempt.bare,
    Object.fromEntries(names.map((name, n) => [name, { url: `../${name}`, commit: libs[n]?.commit ?? '' }])),
  )
  const newer = libs[3]?.path ?? ''
  link(attempt, newer, {})
  expect(await attempt.run()).toBe(0)
  expect(attempt.door.outcome?.pushed?.files.map(({ path }) => path)).toEqual(['newer', 'one'])
  expect(attempt.git('rev-parse', `${BRANCH}:newer`)).toBe(tip(newer))
  expect(attempt.door.outcome?.warnings).toEqual(
    ['changed', 'new', 'committed'].map(
      (name) =>
        `What was changed inside the submodule \`${name}\` is not kept, since only this project is pushed. Ask for it in demo/${name}.`,
    ),
  )
})

test('one that the agent removed is removed', async () => {
  const attempt = await left('git rm -qf a; echo 1 > one')
  link(attempt, attempt.bare, { a: { url: '../a', commit: lib(attempt, 'demo/a').commit } })
  expect(await attempt.run()).toBe(0)
  expect(attempt.git('ls-tree', '--name-only', BRANCH)).not.toContain('\na\n')
  expect(attempt.door.outcome?.warnings).toEqual([])
})

test.each([
  ['../lib.git', 'demo/lib'],
  ['../../other/lib', 'other/lib'],
  ['./part', 'demo/shop/part'],
  ['../../../beyond/it', undefined],
  ['https://gitlab.example.com/demo/lib.git', 'demo/lib'],
  ['http://someone:secret@gitlab.example.com/demo/lib/', 'demo/lib'],
  ['git@GitLab.example.com:demo/lib.git', 'demo/lib'],
  ['ssh://git@gitlab.example.com:2222/demo/sub/lib.git', 'demo/sub/lib'],
  ['https://gitlab.example.com:8443/demo/lib', undefined],
  ['https://gitlab.example.com.evil.example/demo/lib', undefined],
  ['https://gitlab.example.com/demo/%2e%2e/lib', undefined],
  ['https://gitlab.example.com/demo/-lib', undefined],
  ['git@elsewhere.example:demo/lib', undefined],
  ['git://gitlab.example.com/demo/lib', undefined],
  ['file:///srv/lib', undefined],
  ['ext::sh -c x', undefined],
  ['/srv/demo/lib', undefined],
  ['-oProxyCommand=x:demo/lib', undefined],
  ['', undefined],
])('%s is the project %s', (url, project) => {
  expect(projectOf(url, 'demo/shop', 'https://gitlab.example.com')).toBe(project)
})

test('a GitLab below a path', () => {
  expect(projectOf('https://example.com/gitlab/demo/lib', 'demo/shop', 'https://example.com/gitlab')).toBe('demo/lib')
  expect(projectOf('https://example.com/demo/lib', 'demo/shop', 'https://example.com/gitlab')).toBeUndefined()
  expect(projectOf('../lib', 'demo/shop', 'https://example.com/gitlab')).toBe('demo/lib')
})

test.each(['../up', '/root', '-option', 'a/../b', 'a//b', 'a/.git/hooks', '.GIT', 'a\rb', 'a"b', 'a\\b', './a'])(
  'the path %s is not believed',
  (path) => {
    const settings = `submodule.x.path\n${path}\0submodule.x.url\n../x\0`
    expect(readSettings(settings)).toEqual([])
  },
)
