import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import type { Request } from '../../runtime/protocol.ts'
import { type Attempt, BRANCH } from './attempt.ts'
import { left } from './left.ts'

const show = (attempt: Attempt, path: string) => attempt.git('show', `${BRANCH}:${path}`)

/** Commits on `branch`, cheaply: the same tree again and again. */
function grow(attempt: Attempt, branch: string, from: string, count: number): void {
  const stream = [`reset refs/heads/${branch}\nfrom ${attempt.git('rev-parse', from)}\n`]
  for (let n = 1; n <= count; n += 1) {
    const text = `${branch} ${n}`
    const who = `Person <person@example.com> ${1_700_000_000 + n} +0000`
    stream.push(`commit refs/heads/${branch}\ncommitter ${who}\ndata ${text.length}\n${text}\n`)
  }
  execFileSync('git', ['-C', attempt.bare, 'fast-import', '--quiet', '--force'], { input: stream.join('') })
}

/** The number of commits in the clone, as the agent found it. */
const COUNT = 'git rev-list --all --count > commits'

test.each<[string, Request['clone'], string]>([
  ['whole', {}, 'false'],
  ['without old contents', { filter: 'blob:none' }, 'false'],
  ['shallow', { depth: 1 }, 'true'],
  ['both', { filter: 'blob:none', depth: 1 }, 'true'],
])('a clone that is %s', async (_, clone, isShallow) => {
  const attempt = await left(
    `git rev-parse --is-shallow-repository > shallow; ${COUNT}
     git rev-list --objects --all --missing=print | grep -c '^?' > missing || true`,
    { request: { clone } },
  )
  attempt.commit('main', { 'README.md': 'second\n' })
  expect(await attempt.run()).toBe(0)
  expect(show(attempt, 'shallow')).toBe(isShallow)
  expect(show(attempt, 'commits')).toBe(isShallow === 'true' ? '1' : '2')
  expect(show(attempt, 'missing') === '0').toBe(clone.filter === undefined || isShallow === 'true')
  expect(attempt.door.outcome?.pushed).toMatchObject({ commits: 1, files: expect.any(Array) })
  expect(attempt.git('log', '--format=%an', `main..${BRANCH}`)).toBe('Errand')
})

test('a shallow follow-up is measured from where the branch left the base, however long ago', async () => {
  const attempt = await left(`git merge-base HEAD origin/main > base; ${COUNT}`, { request: { clone: { depth: 2 } } })
  grow(attempt, 'main', 'main', 300)
  const fork = attempt.git('rev-parse', 'main~250')
  grow(attempt, BRANCH, fork, 130)
  expect(await attempt.run()).toBe(0)
  expect(show(attempt, 'base')).toBe(fork)
  expect(attempt.door.outcome?.pushed).toMatchObject({ commits: 131, files: [{ path: 'base' }, { path: 'commits' }] })
})

test('a shallow follow-up that had the base merged in is not counted too long', async () => {
  const attempt = await left('echo 1 > one', { request: { clone: { depth: 3 } } })
  grow(attempt, 'main', 'main', 40)
  const fork = attempt.git('rev-parse', 'main~30')
  grow(attempt, BRANCH, fork, 2)
  const tree = attempt.git('rev-parse', 'main^{tree}')
  const merge = attempt.git('commit-tree', tree, '-p', BRANCH, '-p', 'main', '-m', 'Merge main')
  attempt.git('update-ref', `refs/heads/${BRANCH}`, merge)
  grow(attempt, 'main', 'main', 5)
  expect(await attempt.run()).toBe(0)
  expect(attempt.door.outcome?.pushed).toMatchObject({ commits: 4, files: [{ path: 'one' }] })
})

test('shallow, and the branch moved meanwhile: rebased', async () => {
  const attempt = await left('echo 1 > one', { request: { clone: { depth: 1 } } })
  grow(attempt, 'main', 'main', 20)
  attempt.door.fault = (_, path) => {
    if (path.endsWith('git-receive-pack') && attempt.git('branch', '--list', BRANCH) === '')
      attempt.commit(BRANCH, { person: 'x\n' })
    return undefined
  }
  expect(await attempt.run()).toBe(0)
  expect(attempt.git('log', '--format=%an:%s', `main..${BRANCH}`)).toBe('Errand:Fix the typo\nPerson:Change person')
})

test('shallow, and the agent fetches more, or says what is not so about where history ends', async () => {
  for (const trick of [
    'git fetch -q --depth=5 origin main',
    'git fetch -q --unshallow',
    'rm .git/shallow',
    'git rev-parse HEAD >> .git/shallow; echo nonsense >> .git/shallow',
    'rm .git/shallow; mkfifo .git/shallow',
  ]) {
    const attempt = await left(`echo 1 > one; ${trick}`, { request: { clone: { depth: 2 } } })
    grow(attempt, 'main', 'main', 20)
    expect(await attempt.run(), trick).toBe(0)
    expect(attempt.git('show', '--format=%an', '--name-only', BRANCH), trick).toBe('Errand\n\none')
    expect(attempt.git('merge-base', 'main', BRANCH), trick).toBe(attempt.git('rev-parse', 'main'))
  }
})

test('how long the workspace took stands in the log', async () => {
  const attempt = await left('true')
  expect(await attempt.run()).toBe(0)
  const log = attempt.door.log.toString()
  expect(log).toMatch(/errand: the workspace is ready: clone \d+\.\d s\n/)
  expect(log).toMatch(/errand: clone: \d+\.\d s\n/)
})
