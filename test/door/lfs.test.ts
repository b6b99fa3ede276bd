import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { BYTES, lfsDoor, OID, said } from './lfsDoor.ts'

test.each(['token', 'redirect'] as const)(
  'an object is downloaded (%s), and no address or token comes with it',
  async (downloads) => {
    await using space = await lfsDoor({ downloads })
    space.lfs.objects.set(OID, BYTES)
    const { download } = await space.actions('download', OID)
    if (download === undefined) throw new Error('nothing to download')
    const answer = await space.take(download)
    expect(answer.status).toBe(200)
    expect(Buffer.from(await answer.arrayBuffer()).equals(BYTES)).toBe(true)
    expect(answer.headers.get('content-length')).toBe('4')
    expect(answer.headers.get('x-amz-request-id')).toBeNull()
    const rest = await space.take(download, { headers: { range: 'bytes=1-' } })
    expect([rest.status, rest.headers.get('content-range')]).toEqual([206, 'bytes 1-3/4'])
    expect(Buffer.from(await rest.arrayBuffer()).equals(BYTES.subarray(1))).toBe(true)
    expect(JSON.stringify(space.lfs.seen)).not.toContain(space.door.credential)
  },
)

test.each([false, true])('an object is uploaded (to a storage of its own: %s)', async (storage) => {
  await using space = await lfsDoor({ storage })
  const { upload, verify } = await space.actions('upload', OID)
  if (upload === undefined) throw new Error('nothing to upload')
  expect((await space.take(upload, { method: 'PUT', body: BYTES })).status).toBe(200)
  expect(space.lfs.objects.get(OID)?.equals(BYTES)).toBe(true)
  expect(verify === undefined).toBe(!storage)
  if (verify !== undefined) {
    expect((await space.take(verify, { method: 'POST', body: '{}' })).status).toBe(200)
    expect(space.lfs.verified).toEqual([OID])
  }
  // There is nothing more to do for what is there.
  expect(await space.actions('upload', OID)).toEqual({})
})

test('what is not there is said of each object', async () => {
  await using space = await lfsDoor()
  const answer = await space.batch('download', [OID])
  expect((await said(answer)).objects).toEqual([
    { oid: OID, size: 4, authenticated: true, error: { code: 404, message: 'Object does not exist on the server' } },
  ])
})

test('an upload is let through only when a push would be', async () => {
  await using space = await lfsDoor({}, { mayPush: async () => '@ada may not push to this project any more' })
  const answer = await space.batch('upload', [OID])
  expect(answer.status).toBe(403)
  expect(await answer.json()).toEqual({ message: '@ada may not push to this project any more.' })
  expect(space.lfs.seen).toEqual([])
  expect((await space.batch('download', [OID])).status).toBe(200)
})

test('an address is good for its action, its object, its attempt and unchanged only', async () => {
  await using space = await lfsDoor()
  space.lfs.objects.set(OID, BYTES)
  const { download } = await space.actions('download', OID)
  const [name, sealed] = Object.entries(download?.header ?? {})[0] ?? ['', '']
  const other = 'a'.repeat(64)
  const path = (oid: string) => `/v1/git/info/lfs/objects/${oid}`
  const seen = space.lfs.seen.length
  for (const [method, at, header] of [
    ['PUT', path(OID), sealed],
    ['POST', `${path(OID)}/verify`, sealed],
    ['GET', path(other), sealed],
    ['GET', path(OID), `${sealed.slice(0, -2)}AA`],
    ['GET', path(OID), ''],
  ]) {
    const answer = await space.door.call(at ?? '', { method: method ?? '', headers: { [name]: header ?? '' } })
    expect([method, answer.status]).toEqual([method, 404])
  }
  expect(space.lfs.seen.length).toBe(seen)
})

test.each([
  ['what is no batch', { operation: 'delete', objects: [] }, /operation/],
  ['an id that is none', { operation: 'download', objects: [{ oid: '../../x', size: 1 }] }, /objects\.0\.oid/],
  ['other transfers', { operation: 'download', objects: [{ oid: OID, size: 1 }], transfers: ['tus'] }, /only basic/],
  ['another hash', { operation: 'download', objects: [{ oid: OID, size: 1 }], hash_algo: 'md5' }, /hash_algo/],
])('%s is refused', async (_, body, words) => {
  await using space = await lfsDoor()
  const answer = await space.door.call('/v1/git/info/lfs/objects/batch', { method: 'POST', body: JSON.stringify(body) })
  expect(answer.status).toBe(422)
  expect((await said(answer)).message).toMatch(words)
  expect(space.lfs.seen).toEqual([])
})

test('the size of an upload is the one that was asked for', async () => {
  await using space = await lfsDoor()
  const { upload } = await space.actions('upload', OID)
  if (upload === undefined) throw new Error('nothing to upload')
  const answer = await space.take(upload, { method: 'PUT', body: randomBytes(5) })
  expect(answer.status).toBe(422)
  expect(await answer.json()).toEqual({ message: 'This object has 4 bytes, not 5.' })
  // GitLab itself sees whether they are the right bytes.
  expect((await space.take(upload, { method: 'PUT', body: randomBytes(4) })).status).toBe(502)
})

test('locks are answered as by a server that has none', async () => {
  await using space = await lfsDoor()
  for (const [method, path] of [
    ['GET', '/locks'],
    ['POST', '/locks'],
    ['POST', '/locks/verify'],
    ['POST', '/locks/7/unlock'],
  ]) {
    const answer = await space.door.call(`/v1/git/info/lfs${path}`, { method: method ?? '' })
    expect([answer.status, await answer.json()]).toEqual([501, { message: 'Errand does not pass on locks of files.' }])
  }
})

test.each([
  [401, {}, 403, "GitLab refused Errand's token (401): no"],
  [403, {}, 403, 'GitLab answered 403: no'],
  [501, {}, 501, 'GitLab answered 501: no'],
  [429, { 'retry-after': '17' }, 503, 'GitLab answered 429: no'],
  [500, {}, 503, 'GitLab answered 500: no'],
  [302, { location: 'http://169.254.169.254/' }, 502, 'GitLab answered 302: no'],
])('%i of GitLab is told to git-lfs in words', async (status, headers, shown, message) => {
  await using space = await lfsDoor({
    instead: (_, res) => {
      res.writeHead(status, headers).end('{"message":"no"}')
      return true
    },
  })
  const answer = await space.batch('download', [OID])
  expect([answer.status, await answer.json()]).toEqual([shown, { message }])
  if (shown === 503) expect(answer.headers.get('retry-after')).toBe(status === 429 ? '17' : '5')
})

test('what GitLab says of no object that was asked for, or not at all, is not passed on', async () => {
  const answers = ['{"objects":[{"oid":"x"}]}', 'hello', JSON.stringify({ objects: [], transfer: 'tus' })]
  for (const text of answers) {
    await using space = await lfsDoor({
      instead: (_, res) => {
        res.writeHead(200).end(text)
        return true
      },
    })
    expect((await space.batch('download', [OID])).status).toBe(502)
  }
  await using space = await lfsDoor({
    instead: (_, res) => {
      const download = { href: 'http://127.0.0.1:1/' }
      res.writeHead(200).end(JSON.stringify({ objects: [{ oid: 'b'.repeat(64), size: 1, actions: { download } }] }))
      return true
    },
  })
  expect(await (await space.batch('download', [OID])).json()).toMatchObject({ objects: [] })
})
