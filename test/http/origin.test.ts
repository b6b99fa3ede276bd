/** What a page elsewhere can make a browser send to us, and what comes of it. */

import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiWorld, apiWorld, DEVELOPER } from './apiWorld.ts'

let acting: ApiWorld
let known: ApiWorld
let cookie = ''
beforeAll(async () => {
  acting = await apiWorld({ login: { actAs: 'developer', open: false, wary: false } })
  known = await apiWorld()
  cookie = await known.cookie(DEVELOPER)
})
afterAll(async () => {
  await acting[Symbol.asyncDispose]()
  await known[Symbol.asyncDispose]()
})

const own = (world: ApiWorld) => world.config.url
const TABLE: readonly [string, (world: ApiWorld) => Record<string, string>, number][] = [
  ['our own page', (world) => ({ origin: own(world), 'sec-fetch-site': 'same-origin' }), 201],
  ['our own page, of a browser that tells no origin', () => ({ 'sec-fetch-site': 'same-origin' }), 201],
  ['another site', () => ({ origin: 'https://evil.example.com', 'sec-fetch-site': 'cross-site' }), 403],
  ['another port of this machine', () => ({ origin: 'http://127.0.0.1:9', 'sec-fetch-site': 'same-site' }), 403],
  ['a sandboxed frame', () => ({ origin: 'null', 'sec-fetch-site': 'cross-site' }), 403],
  ['a form elsewhere that hides where', () => ({ 'sec-fetch-site': 'cross-site' }), 403],
  ['nobody knows where', () => ({}), 403],
]

const ask = (world: ApiWorld, headers: Record<string, string>) =>
  world.call('nobody', 'POST', '/api/tasks', { body: { repository: 'demo/shop', prompt: 'x' }, headers })

test.each(TABLE)('asked by %s', async (_, headers, status) => {
  expect((await ask(acting, headers(acting))).status, 'where nobody logs in').toBe(status)
  expect((await ask(known, { ...headers(known), cookie })).status, 'with a cookie').toBe(status)
})

test('asked by our own page under another name of this machine', async () => {
  const { port } = new URL(own(acting))
  const url = `http://localhost:${port}/api/tasks`
  const headers = { origin: `http://localhost:${port}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ repository: 'demo/shop', prompt: 'x' })
  expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(201)
})

test('a program with a token says nothing of where it is', async () => {
  for (const world of [acting, known])
    expect((await ask(world, { 'private-token': 'glpat-demo-developer' })).status).toBe(201)
})

test('a name that somebody else gave us reads nothing', async () => {
  const { hostname, port } = new URL(own(acting))
  for (const path of ['/api/tasks', '/', '/api/tasks/events']) {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname, () =>
        socket.write(`GET ${path} HTTP/1.1\r\nHost: evil.example.com:${port}\r\nConnection: close\r\n\r\n`),
      )
      let text = ''
      socket.on('data', (data) => {
        text += data.toString()
      })
      socket.on('end', () => resolve(text)).on('error', reject)
    })
    expect(answer, path).toMatch(/^HTTP\/1.1 421 /)
  }
})

test('everything says how it wants to be handled', async () => {
  for (const path of ['/', '/api', '/api/tasks', '/api/nothing', '/tasks/1-n1']) {
    const { headers } = await acting.send('nobody', 'GET', path)
    expect(Object.fromEntries(headers), path).toMatchObject({
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    })
    expect(headers.get('access-control-allow-origin')).toBeNull()
    if (path.startsWith('/api')) expect(headers.get('cache-control')).toBe('no-store')
  }
})

test('a log is text that no browser takes for a page of ours, and a file where that is wanted', async () => {
  const task = await acting.plant()
  await acting.write(task, '<script>alert(1)</script>\n')
  const log = await acting.send('nobody', 'GET', `/api/tasks/${task.id}/log`)
  expect(Object.fromEntries(log.headers)).toMatchObject({
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'content-length': '26',
    'accept-ranges': 'bytes',
  })
  expect(log.headers.get('content-disposition')).toBeNull()
  const file = await acting.send('nobody', 'GET', `/api/tasks/${task.id}/log?download=1`)
  expect(file.headers.get('content-disposition')).toBe(`attachment; filename=${task.id}.log`)
  expect(file.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  const head = await acting.send('nobody', 'HEAD', `/api/tasks/${task.id}/log`, { headers: { range: 'bytes=0-3' } })
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '26', ''])
})

test.each([
  ['bytes=0-7', 206, '<script>', 'bytes 0-7/26'],
  ['bytes=-3', 206, 't>\n', 'bytes 23-25/26'],
  ['bytes=-999', 206, '<script>alert(1)</script>\n', 'bytes 0-25/26'],
  ['bytes=20-999', 206, 'ript>\n', 'bytes 20-25/26'],
  ['bytes=26-', 416, undefined, 'bytes */26'],
  ['bytes=0-1,4-5', 200, '<script>alert(1)</script>\n', null],
  ['lines=1-2', 200, '<script>alert(1)</script>\n', null],
  ['bytes=x', 200, '<script>alert(1)</script>\n', null],
] as const)('the range %s is %s', async (range, status, text, told) => {
  const task = await acting.plant()
  await acting.write(task, '<script>alert(1)</script>\n')
  const part = await acting.call('nobody', 'GET', `/api/tasks/${task.id}/log`, { headers: { range } })
  expect([part.status, part.headers.get('content-range')]).toEqual([status, told])
  if (text !== undefined) expect(part.text).toBe(text)
})

test('the readable page tells every route, and runs nothing', async () => {
  const page = await (await acting.send('nobody', 'GET', '/api')).text()
  for (const { method, path } of acting.described.routes) expect(page).toContain(`${method} ${path}`)
  expect(page).not.toMatch(/<script|<style| style=| on\w+=/)
  const style = await acting.send('nobody', 'GET', '/api/style.css')
  expect(style.headers.get('content-type')).toMatch(/^text\/css/)
})
