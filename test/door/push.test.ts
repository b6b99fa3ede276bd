import { expect, test } from 'vitest'
import { packet } from '../../src/door/pktLine.ts'
import { gitOk, gitServer } from './gitServer.ts'
import { BRANCH } from './openDoor.ts'
import { EMPTY_PACK, workspace, ZERO } from './workspace.ts'

test("the task's branch can be pushed, and pushed again; each push is recorded", async () => {
  await using server = await gitServer()
  await using space = await workspace(server)
  expect(await space.push(BRANCH)).toMatchObject({ code: 0 })
  expect(await space.tip()).toBe(space.first)
  const second = await space.commit('more work')
  expect(await space.push(BRANCH)).toMatchObject({ code: 0 })
  expect(await space.tip()).toBe(second)
  expect(space.door.pushes).toEqual([
    { branch: BRANCH, before: ZERO, after: space.first },
    { branch: BRANCH, before: space.first, after: second },
    // Told again, when GitLab has been asked.
    { branch: BRANCH, before: space.first, after: second, rewritten: false },
  ])
  expect(JSON.stringify(server.seen.map(({ headers }) => headers))).not.toContain(space.door.credential)
})

test.each([
  ['another branch', ['HEAD:refs/heads/main'], `only ${BRANCH} may be pushed`],
  ['a tag', ['HEAD:refs/tags/v1'], `only ${BRANCH} may be pushed`],
  ['a merge request', ['HEAD:refs/merge-requests/1/head'], `only ${BRANCH} may be pushed`],
  ['a second branch with it', [BRANCH, 'HEAD:refs/heads/other'], `only ${BRANCH} may be pushed, alone`],
  ['with force', ['--force', 'HEAD:refs/heads/main'], `only ${BRANCH} may be pushed`],
  ['everything', ['--mirror'], 'may be pushed'],
])('pushing %s is refused in words that git shows', async (_, args, words) => {
  await using server = await gitServer()
  await using space = await workspace(server)
  const before = await space.refs()
  const { code, err } = await space.push(...args)
  expect(code).not.toBe(0)
  expect(err).toMatch(/! \[remote rejected\]/)
  expect(err).toContain(words)
  expect(await space.refs()).toBe(before)
  expect(space.door.pushes).toEqual([])
  expect(space.door.logged).toContainEqual(expect.objectContaining({ msg: 'a push was refused', task: '42-n1337' }))
})

test('the branch may not be deleted', async () => {
  await using server = await gitServer()
  await using space = await workspace(server)
  await space.push(BRANCH)
  const { code, err } = await space.push('--delete', BRANCH)
  expect(code).not.toBe(0)
  expect(err).toContain(`! [remote rejected] ${BRANCH} (${BRANCH} may not be deleted)`)
  expect(await space.tip()).toBe(space.first)
})

test('push options are not passed on', async () => {
  await using server = await gitServer()
  await gitOk(server.repository, 'config', 'receive.advertisePushOptions', 'true')
  await using space = await workspace(server)
  const { code, err } = await space.push('-o', 'merge_request.create', BRANCH)
  expect(code).not.toBe(0)
  expect(err).toContain('push options are not passed on')
  expect(await space.push(BRANCH)).toMatchObject({ code: 0 })
})

test('a rewritten branch is recorded with the commit that stood there before', async () => {
  await using server = await gitServer()
  await using space = await workspace(server, { rewritten: async () => true })
  await space.push(BRANCH)
  await gitOk(space.clone, 'commit', '--quiet', '--amend', '-m', 'other work')
  const after = await gitOk(space.clone, 'rev-parse', 'HEAD')
  expect(await space.push('--force', BRANCH)).toMatchObject({ code: 0 })
  expect(space.door.pushes.at(-1)).toEqual({ branch: BRANCH, before: space.first, after, rewritten: true })
})

test('a push stands, and is recorded, when GitLab cannot say whether it rewrote the branch', async () => {
  await using server = await gitServer()
  await using space = await workspace(server, {
    rewritten: async () => {
      throw new Error('GitLab is away')
    },
  })
  await space.push(BRANCH)
  const second = await space.commit('more work')
  expect(await space.push(BRANCH)).toMatchObject({ code: 0 })
  expect(space.door.pushes.at(-1)).toEqual({ branch: BRANCH, before: space.first, after: second })
  expect(space.door.logged).toContainEqual(
    expect.objectContaining({ msg: 'whether a push rewrote its branch is not known', before: space.first }),
  )
})

test('what the branch does not take may go to a second one, which can be made once', async () => {
  await using server = await gitServer()
  await using space = await workspace(server)
  const second = `${BRANCH}-2`
  expect(await space.push(`HEAD:refs/heads/${second}`)).toMatchObject({ code: 0 })
  expect(await gitOk(server.repository, 'rev-parse', second)).toBe(space.first)
  expect(space.door.pushes).toEqual([{ branch: second, before: ZERO, after: space.first }])
  await space.commit('more work')
  for (const args of [[`HEAD:refs/heads/${second}`], ['--force', `HEAD:refs/heads/${second}`]]) {
    const { code, err } = await space.push(...args)
    expect(code).not.toBe(0)
    expect(err).toContain(`(${second} may only be created, and it is there already)`)
  }
  expect((await space.push('--delete', second)).err).toContain(`(${second} may not be deleted)`)
  expect((await space.push(`HEAD:refs/heads/${BRANCH}-3`)).err).toContain(`(only ${BRANCH} may be pushed)`)
  expect(await gitOk(server.repository, 'rev-parse', second)).toBe(space.first)
})

test('a person who may not push any more is told so, and nothing moves', async () => {
  await using server = await gitServer()
  await using space = await workspace(server, { mayPush: async () => '@ada may not push\nto this project any more' })
  const { code, err } = await space.push(BRANCH)
  expect(code).not.toBe(0)
  expect(err).toContain('(@ada may not push to this project any more)')
  expect(await space.refs()).toBe('refs/heads/main')
})

test('when it cannot be asked whether a push may be, it is not passed on', async () => {
  await using server = await gitServer()
  await using space = await workspace(server, {
    mayPush: async () => {
      throw new Error('GitLab is away')
    },
  })
  const { code, err } = await space.push(BRANCH)
  expect(code).not.toBe(0)
  expect(err).toContain('503')
  expect(await space.refs()).toBe('refs/heads/main')
})

test("what GitLab's git refuses is shown, and not recorded", async () => {
  await using server = await gitServer()
  await gitOk(server.repository, 'config', 'receive.denyNonFastForwards', 'true')
  await using space = await workspace(server)
  await space.push(BRANCH)
  await gitOk(space.clone, 'commit', '--quiet', '--amend', '-m', 'other work')
  const { code, err } = await space.push('--force', BRANCH)
  expect(code).not.toBe(0)
  expect(err).toContain('(non-fast-forward)')
  expect(space.door.pushes).toHaveLength(1)
})

test('a push over a commit that is not the tip any more is refused by GitLab, and not recorded', async () => {
  await using server = await gitServer()
  await using space = await workspace(server)
  await space.push(BRANCH)
  const old = await gitOk(server.repository, 'rev-parse', 'main')
  const answer = await space.door.call('/v1/git/git-receive-pack', {
    method: 'POST',
    headers: { 'content-type': 'application/x-git-receive-pack-request' },
    body: Buffer.concat([packet(`${old} ${old} refs/heads/${BRANCH}\0report-status`), Buffer.from('0000'), EMPTY_PACK]),
  })
  expect(await answer.text()).toContain(`ng refs/heads/${BRANCH}`)
  expect(space.door.pushes).toHaveLength(1)
})

test('a refusal is plain where no side band was agreed', async () => {
  await using server = await gitServer()
  await using space = await workspace(server)
  const answer = await space.door.call('/v1/git/git-receive-pack', {
    method: 'POST',
    body: Buffer.concat([packet(`${ZERO} ${space.first} refs/heads/main\0report-status`), Buffer.from('0000PACK')]),
  })
  expect(answer.headers.get('content-type')).toBe('application/x-git-receive-pack-result')
  expect(await answer.text()).toBe(
    `${packet('unpack ok\n')}${packet(`ng refs/heads/main only ${BRANCH} may be pushed\n`)}0000`,
  )
})
