import { createHash, randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { expect, test } from 'vitest'
import type { DoorNeeds } from '../../src/door/app.ts'
import { LFS_TYPE } from '../../src/door/lfsMessages.ts'
import { AUTHORIZATION } from './gitServer.ts'
import { LFS_TOKEN, type LfsOptions, lfsServer, SIGNATURE } from './lfsServer.ts'
import { watchMemory } from './memory.ts'
import { BRANCH, listen, openDoor } from './openDoor.ts'

/** A door before a GitLab that keeps large files. */
async function before(options: LfsOptions = {}, needs: Partial<DoorNeeds> = {}) {
  const lfs = await lfsServer(options)
  const server = await listen((req, res) => void lfs.answers(req, res))
  const url = `${server.url}/group/project.git`
  const door = await openDoor({
    repository: async () => ({ url, branch: BRANCH, authorization: AUTHORIZATION }),
    ...needs,
  })
  const batch = (operation: string, oids: readonly string[], more: object = {}) =>
    door.call('/v1/git/info/lfs/objects/batch', {
      method: 'POST',
      headers: { 'content-type': LFS_TYPE },
      body: JSON.stringify({ operation, objects: oids.map((oid) => ({ oid, size: size(oid) })), ...more }),
    })
  const size = (oid: string) => lfs.objects.get(oid)?.length ?? 4
  return {
    lfs,
    door,
    batch,
    async actions(operation: string, oid: string) {
      const answer = await batch(operation, [oid])
      expect(answer.status).toBe(200)
      const text = await answer.text()
      for (const secret of [SIGNATURE, LFS_TOKEN, 'gitlab-lfs', server.url]) expect(text).not.toContain(secret)
      return (JSON.parse(text) as Said).objects[0]?.actions ?? {}
    },
    take: ({ href, header }: { href: string; header: Record<string, string> }, init: RequestInit = {}) =>
      door.call(href.slice(door.url.length), { ...init, headers: { ...header, ...(init.headers as object) } }),
    async [Symbol.asyncDispose]() {
      await door[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
      await lfs[Symbol.asyncDispose]()
    },
  }
}

type Said = {
  objects: { actions: Record<string, { href: string; header: Record<string, string> }> }[]
  message: string
}

const said = async (answer: Response | Promise<Response>) => (await (await answer).json()) as Said

const BYTES = randomBytes(4)
const OID = createHash('sha256').update(BYTES).digest('hex')

test.each(['token', 'redirect'] as const)(
  'an object is downloaded (%s), and no address or token comes with it',
  async (downloads) => {
    await using space = await before({ downloads })
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
  await using space = await before({ storage })
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
  await using space = await before()
  const answer = await space.batch('download', [OID])
  expect((await said(answer)).objects).toEqual([
    { oid: OID, size: 4, authenticated: true, error: { code: 404, message: 'Object does not exist on the server' } },
  ])
})

test('an upload is let through only when a push would be', async () => {
  await using space = await before({}, { mayPush: async () => '@ada may not push to this project any more' })
  const answer = await space.batch('upload', [OID])
  expect(answer.status).toBe(403)
  expect(await answer.json()).toEqual({ message: '@ada may not push to this project any more.' })
  expect(space.lfs.seen).toEqual([])
  expect((await space.batch('download', [OID])).status).toBe(200)
})

test('an address is good for its action, its object, its attempt and unchanged only', async () => {
  await using space = await before()
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
  await using space = await before()
  const answer = await space.door.call('/v1/git/info/lfs/objects/batch', { method: 'POST', body: JSON.stringify(body) })
  expect(answer.status).toBe(422)
  expect((await said(answer)).message).toMatch(words)
  expect(space.lfs.seen).toEqual([])
})

test('the size of an upload is the one that was asked for', async () => {
  await using space = await before()
  const { upload } = await space.actions('upload', OID)
  if (upload === undefined) throw new Error('nothing to upload')
  const answer = await space.take(upload, { method: 'PUT', body: randomBytes(5) })
  expect(answer.status).toBe(422)
  expect(await answer.json()).toEqual({ message: 'This object has 4 bytes, not 5.' })
  // GitLab itself sees whether they are the right bytes.
  expect((await space.take(upload, { method: 'PUT', body: randomBytes(4) })).status).toBe(502)
})

test('locks are answered as by a server that has none', async () => {
  await using space = await before()
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
  await using space = await before({
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
    await using space = await before({
      instead: (_, res) => {
        res.writeHead(200).end(text)
        return true
      },
    })
    expect((await space.batch('download', [OID])).status).toBe(502)
  }
  await using space = await before({
    instead: (_, res) => {
      const download = { href: 'http://127.0.0.1:1/' }
      res.writeHead(200).end(JSON.stringify({ objects: [{ oid: 'b'.repeat(64), size: 1, actions: { download } }] }))
      return true
    },
  })
  expect(await (await space.batch('download', [OID])).json()).toMatchObject({ objects: [] })
})

test('a storage that is away or sends elsewhere without end is 503 or 502 in words', async () => {
  await using space = await before({
    instead: (req, res) => {
      if (req.url?.endsWith('/batch')) return false
      res.writeHead(302, { location: req.url }).end()
      return true
    },
  })
  space.lfs.objects.set(OID, BYTES)
  const { download } = await space.actions('download', OID)
  if (download === undefined) throw new Error('nothing to download')
  const answer = await space.take(download)
  expect([answer.status, await answer.json()]).toEqual([502, { message: 'the storage of LFS objects answered 302' }])
  expect(space.lfs.seen).toHaveLength(1 + 4)
  await space.lfs[Symbol.asyncDispose]()
})

test('objects of 48 MB pass in both directions in constant memory', { timeout: 60_000 }, async () => {
  const MB = 1024 * 1024
  const oid = 'c'.repeat(64)
  let received = 0
  await using space = await before({
    instead: (req, res) => {
      if (req.url?.endsWith('/batch')) {
        const href = `http://${req.headers.host}/group/project.git/gitlab-lfs/objects/${oid}`
        const actions = { upload: { href }, download: { href } }
        res.writeHead(200).end(JSON.stringify({ objects: [{ oid, size: 48 * MB, actions }] }))
      } else if (req.method === 'PUT') {
        req.on('data', (chunk: Buffer) => {
          received += chunk.length
        })
        req.on('end', () => res.writeHead(200).end())
      } else {
        let left = 48
        const more = () => {
          while (left-- > 0) if (!res.write(Buffer.alloc(MB))) return
          res.end()
        }
        res.on('drain', more)
        more()
      }
      return true
    },
  })
  const asked = (operation: string) =>
    space.door.call('/v1/git/info/lfs/objects/batch', {
      method: 'POST',
      body: JSON.stringify({ operation, objects: [{ oid, size: 48 * MB }] }),
    })
  const upload = (await said(asked('upload'))).objects[0]?.actions.upload
  const download = (await said(asked('download'))).objects[0]?.actions.download
  if (upload === undefined || download === undefined) throw new Error('nothing to move')
  using memory = watchMemory()
  const status = await new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${space.door.credential}`, 'content-length': 48 * MB, ...upload.header }
    const call = request(upload.href, { method: 'PUT', headers }).on('error', reject)
    call.on('response', (res) => resolve(res.resume().statusCode))
    let left = 48
    const more = () => {
      while (left-- > 0) if (!call.write(Buffer.alloc(MB))) return void call.once('drain', more)
      call.end()
    }
    more()
  })
  expect([status, received]).toEqual([200, 48 * MB])
  let got = 0
  for await (const chunk of (await space.take(download)).body ?? []) got += chunk.length
  expect(got).toBe(48 * MB)
  expect(memory.most()).toBeLessThan(24 * MB)
})
