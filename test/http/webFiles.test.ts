import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import { expect, onTestFinished, test } from 'vitest'
import { webFiles } from '../../src/http/webFiles.ts'

async function served() {
  const folder = await mkdtemp(join(tmpdir(), 'errand-web-'))
  const server = createServer(express().use(webFiles(join(folder, 'web'))))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(async () => {
    server.close()
    server.closeAllConnections()
    await rm(folder, { recursive: true, force: true })
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const get = async (path: string, method = 'GET') => {
    const response = await fetch(url + path, { method })
    const cache = response.headers.get('cache-control')
    return { status: response.status, cache, type: response.headers.get('content-type'), text: await response.text() }
  }
  return { folder, get }
}

test('a page that is not built says what to do, and is there as soon as it is', async () => {
  const { folder, get } = await served()
  expect(await get('/')).toMatchObject({ status: 503, text: expect.stringContaining('npm run build') })
  await mkdir(join(folder, 'web/assets'), { recursive: true })
  await writeFile(join(folder, 'web/index.html'), '<title>Errand</title>')
  await writeFile(join(folder, 'web/assets/index-abc.js'), 'export {}')
  await writeFile(join(folder, 'web/robots.txt'), 'no')
  await writeFile(join(folder, 'secret.txt'), 'secret')
  for (const path of ['/', '/new', '/tasks/42-n1337', '/numbers', '/index.html'])
    expect(await get(path), path).toEqual({
      status: 200,
      cache: 'no-cache',
      type: 'text/html; charset=utf-8',
      text: '<title>Errand</title>',
    })
  expect(await get('/assets/index-abc.js')).toMatchObject({
    status: 200,
    cache: 'public, max-age=31536000, immutable',
    type: 'text/javascript; charset=utf-8',
  })
  expect(await get('/robots.txt')).toMatchObject({ status: 200, cache: 'no-cache' })
  expect((await get('/assets/index-old.js')).status, 'of another version').toBe(404)
  for (const path of ['/..%2fsecret.txt', '/assets/..%2f..%2fsecret.txt', '/%2e%2e/secret.txt'])
    expect((await get(path)).text, path).not.toContain('secret')
  expect((await get('/new', 'POST')).status).toBe(404)
  expect(await get('/new', 'HEAD')).toMatchObject({ status: 200, text: '' })
})
