import { randomBytes } from 'node:crypto'
import { access, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test, vi } from 'vitest'
import { packet } from '../../src/door/pktLine.ts'
import { gitOk, gitServer } from './gitServer.ts'
import { BRANCH } from './openDoor.ts'
import { EMPTY_PACK, workspace, ZERO } from './workspace.ts'

test('a push that is packed with gzip is unpacked before it is judged, and passed on unpacked', async () => {
  await using server = await gitServer()
  await using space = await workspace(server)
  const push = (ref: string) =>
    space.door.call('/v1/git/git-receive-pack', {
      method: 'POST',
      headers: { 'content-type': 'application/x-git-receive-pack-request', 'content-encoding': 'gzip' },
      body: gzipSync(Buffer.concat([packet(`${ZERO} ${main} ${ref}\0report-status`), Buffer.from('0000'), EMPTY_PACK])),
    })
  const main = await gitOk(server.repository, 'rev-parse', 'main')
  expect(await (await push('refs/heads/other')).text()).toContain('only')
  expect(await (await push(`refs/heads/${BRANCH}`)).text()).toContain(`ok refs/heads/${BRANCH}`)
  expect(server.seen.at(-1)?.headers['content-encoding']).toBeUndefined()
  expect(await space.tip()).toBe(main)
  expect(space.door.pushes).toHaveLength(1)
})

test.each([
  ['what is no push', 'identity', Buffer.from('hello, is this the repository?'), 400],
  ['half a push', 'identity', Buffer.from('00a8'), 400],
  ['what is not gzip', 'gzip', Buffer.from('0000'), 400],
  ['another packing', 'br', Buffer.from('0000'), 415],
])('%s is refused, and GitLab hears nothing', async (_, encoding, body, status) => {
  await using server = await gitServer()
  await using space = await workspace(server)
  server.seen.length = 0
  const headers = { 'content-encoding': encoding }
  expect((await space.door.call('/v1/git/git-receive-pack', { method: 'POST', headers, body })).status).toBe(status)
  expect(server.seen).toEqual([])
})

test('a GitLab that breaks off in the middle of a push is an error for git, and nothing is recorded', async () => {
  await using server = await gitServer((req) => {
    const push = req.method === 'POST' && req.url?.endsWith('/git-receive-pack') === true
    if (push) req.socket.destroy()
    return push
  })
  await using space = await workspace(server)
  const { code, err } = await space.push(BRANCH)
  expect(code).not.toBe(0)
  expect(err).toContain('503')
  expect(space.door.pushes).toEqual([])
})

test('a push that has reached GitLab is recorded, whether or not git waits for the answer', async () => {
  await using server = await gitServer()
  const [began, go] = [join(server.repository, 'began'), join(server.repository, 'go')]
  const hook = `#!/bin/sh\ntouch ${began}\nwhile [ ! -e ${go} ]; do sleep 0.02; done\n`
  await writeFile(join(server.repository, 'hooks', 'post-receive'), hook, { mode: 0o755 })
  await using space = await workspace(server)
  const main = await gitOk(server.repository, 'rev-parse', 'main')
  const gone = new AbortController()
  const call = space.door.call('/v1/git/git-receive-pack', {
    method: 'POST',
    headers: { 'content-type': 'application/x-git-receive-pack-request' },
    body: Buffer.concat([
      packet(`${ZERO} ${main} refs/heads/${BRANCH}\0report-status`),
      Buffer.from('0000'),
      EMPTY_PACK,
    ]),
    signal: gone.signal,
  })
  await vi.waitFor(() => access(began), 10_000)
  gone.abort()
  await expect(call.then((answer) => answer.text())).rejects.toThrow()
  await writeFile(go, '')
  await vi.waitFor(() => expect(space.door.pushes).toEqual([{ branch: BRANCH, before: ZERO, after: main }]), 10_000)
})

test('a push that cannot be recorded has still been made', async () => {
  await using server = await gitServer()
  await using space = await workspace(server, {
    pushed: async () => {
      throw new Error('Redis is away')
    },
  })
  expect(await space.push(BRANCH)).toMatchObject({ code: 0 })
  expect(space.door.logged).toContainEqual(
    expect.objectContaining({ msg: 'a push was not recorded', after: space.first }),
  )
})

test('a packing that breaks in the middle ends the push, and nothing else', async () => {
  await using server = await gitServer((req) => {
    const push = req.method === 'POST' && req.url?.endsWith('/git-receive-pack') === true
    // It waits for a whole pack, which never comes.
    if (push) req.on('error', () => {}).resume()
    return push
  })
  // The packing breaks while it is still asked whether the push may be.
  await using space = await workspace(server, {
    mayPush: () => new Promise((resolve) => setTimeout(resolve, 50, true)),
  })
  const commands = Buffer.concat([
    packet(`${ZERO} ${space.first} refs/heads/${BRANCH}\0report-status`),
    Buffer.from('0000'),
  ])
  const body = gzipSync(Buffer.concat([commands, randomBytes(200_000)]))
  body.fill(0xff, 5000, 9000)
  const headers = { 'content-type': 'application/x-git-receive-pack-request', 'content-encoding': 'gzip' }
  const answer = await space.door.call('/v1/git/git-receive-pack', { method: 'POST', headers, body })
  expect(answer.status).toBe(503)
  expect(await answer.text()).toContain('was sent only a part')
  expect(space.door.pushes).toEqual([])
})
