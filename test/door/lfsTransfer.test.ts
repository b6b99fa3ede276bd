import { request } from 'node:http'
import { expect, test } from 'vitest'
import { BYTES, lfsDoor, OID, said } from './lfsDoor.ts'
import { watchMemory } from './memory.ts'

test('a storage that sends elsewhere without end is 502 in words', async () => {
  await using space = await lfsDoor({
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
})

test('a storage that is away is 503 in words, without its address', async () => {
  await using space = await lfsDoor({ downloads: 'redirect' })
  space.lfs.objects.set(OID, BYTES)
  const { download } = await space.actions('download', OID)
  if (download === undefined) throw new Error('nothing to download')
  await space.lfs[Symbol.asyncDispose]()
  const answer = await space.take(download)
  expect([answer.status, await answer.json()]).toEqual([
    503,
    { message: 'The storage of LFS objects cannot be reached.' },
  ])
})

test('objects of 48 MB pass in both directions in constant memory', { timeout: 60_000 }, async () => {
  const MB = 1024 * 1024
  const oid = 'c'.repeat(64)
  let received = 0
  await using space = await lfsDoor({
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
