/** The calls to GitLab as they travel, against a server that misbehaves. */

import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { connectGitLab } from '../../src/gitlab/client.ts'
import { GitLabError, isRefusal } from '../../src/gitlab/requester.ts'

type Seen = { readonly method: string; readonly path: string }

async function gitlabThat(answer: (seen: number) => RequestListener) {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    seen.push({ method: request.method ?? '', path: request.url ?? '' })
    answer(seen.length)(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const gitlab = connectGitLab(url, async () => 'glpat-CANARY', { timeout: 300, backoff: 5 })
  return {
    seen,
    gitlab,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): RequestListener =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  }

const NOTE = { id: 1 }

test('a note whose answer is lost is not posted again', async () => {
  await using world = await gitlabThat(() => json(502, { message: 'Bad Gateway' }))
  await expect(world.gitlab.discussions.issue.addNote(1, 2, 'd', 'x')).rejects.toThrow('502, Bad Gateway')
  expect(world.seen).toHaveLength(1)
})

test.each([502, 503, 504])('a read is repeated after %i', async (status) => {
  await using world = await gitlabThat((count) => (count < 3 ? json(status, {}) : json(200, NOTE)))
  expect(await world.gitlab.users.showCurrentUser()).toEqual(NOTE)
  expect(world.seen).toHaveLength(3)
})

test('a throttled note was not taken, so it is posted again, after the time that GitLab names', async () => {
  await using world = await gitlabThat((count) =>
    count === 1 ? json(429, {}, { 'retry-after': '1' }) : json(201, NOTE),
  )
  const before = Date.now()
  expect(await world.gitlab.discussions.issue.addNote(1, 2, 'd', 'x')).toEqual(NOTE)
  expect(Date.now() - before).toBeGreaterThanOrEqual(990)
})

test('a longer Retry-After is left to a later look', async () => {
  await using world = await gitlabThat(() =>
    json(429, { message: { error: 'too many times' } }, { 'retry-after': '60' }),
  )
  await expect(world.gitlab.users.showCurrentUser()).rejects.toThrow('too many times')
  expect(world.seen).toHaveLength(1)
})

test('a redirect is an error, not a GET', async () => {
  await using world = await gitlabThat(() => json(302, {}, { location: '/elsewhere' }))
  await expect(world.gitlab.discussions.issue.addNote(1, 2, 'd', 'x')).rejects.toThrow(GitLabError)
  expect(world.seen.every(({ method }) => method === 'POST')).toBe(true)
})

test('silence ends', async () => {
  await using world = await gitlabThat(() => () => {})
  await expect(world.gitlab.discussions.issue.addNote(1, 2, 'd', 'x')).rejects.toThrow('no answer')
})

test.each([
  ['a message', { message: '404 Project Not Found' }, '404 Project Not Found'],
  ['fields', { message: { title: ['is too long'] } }, 'is too long'],
  ['a list', { message: ['Another open merge request already exists'] }, 'Another open'],
  ['an OAuth error', { error: 'invalid_token', error_description: 'Token was revoked.' }, 'Token was revoked.'],
])("GitLab's reasons in all their shapes: %s", async (_, body, says) => {
  await using world = await gitlabThat(() => json(404, body))
  const error = await world.gitlab.users.showCurrentUser().catch((reason: unknown) => reason)
  expect(isRefusal(error)).toBe(true)
  expect(String(error)).toContain(says)
})

test('no error shows the token, however it is printed', async () => {
  await using world = await gitlabThat(() => json(500, { message: 'no' }))
  const error = await world.gitlab.users.showCurrentUser().catch((reason: unknown) => reason)
  expect(inspect(error, { depth: 10 }) + JSON.stringify(error)).not.toContain('CANARY')
})
