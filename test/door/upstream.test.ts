import { createServer } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { passedHeaders, send, Unreachable } from '../../src/door/upstream.ts'
import { listen } from './openDoor.ts'

const call = {
  method: 'GET',
  headers: {},
  patience: { connect: 5000, silence: 5000 },
  signal: new AbortController().signal,
}

test('a server that says nothing is given up', async () => {
  await using server = await listen(() => {})
  const asked = send({ ...call, url: server.url, patience: { connect: 5000, silence: 50 } })
  await expect(asked).rejects.toThrow(/^127\.0\.0\.1:\d+ was silent for 50 ms$/)
  await expect(asked).rejects.toBeInstanceOf(Unreachable)
})

test('a server that falls silent in the middle of its answer is given up', async () => {
  await using server = await listen((_, res) => void res.writeHead(200).write('the first half'))
  const answer = await send({ ...call, url: server.url, patience: { connect: 5000, silence: 50 } })
  await expect(text(answer)).rejects.toThrow()
})

test('a connection that does not come to stand is given up', async () => {
  const deaf = createServer()
  await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve))
  const address = deaf.address()
  const port = typeof address === 'object' ? address?.port : 0
  const asked = send({ ...call, url: `https://127.0.0.1:${port}/`, patience: { connect: 50, silence: 5000 } })
  await expect(asked).rejects.toThrow(`127.0.0.1:${port} took no connection within 50 ms`)
  deaf.close()
})

test('a body that breaks off ends the call', async () => {
  await using server = await listen((req) => void req.resume().on('error', () => {}))
  const body = Readable.from(
    (function* () {
      yield 'the first half'
      throw new Error('no more')
    })(),
  )
  const asked = send({ ...call, method: 'POST', url: server.url, body })
  await expect(asked).rejects.toThrow('was sent only a part: no more')
})

test('what is between two neighbours only is not passed on', async () => {
  await using server = await listen((req, res) => {
    res.end(JSON.stringify(passedHeaders(req, ['authorization'])))
  })
  const headers = {
    connection: 'keep-alive, X-Hop',
    'x-hop': '1',
    te: 'trailers',
    'proxy-authorization': 'Basic x',
    authorization: 'Bearer x',
    'x-end': '2',
  }
  const passed: unknown = JSON.parse(await text(await send({ ...call, url: server.url, headers })))
  expect(passed).toEqual({ 'x-end': '2', host: expect.any(String) })
})
