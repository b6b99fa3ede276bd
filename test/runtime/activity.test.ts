import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { newTeller } from '../../runtime/activity.ts'
import { openDoor } from '../../runtime/door.ts'
import { until } from './attempt.ts'

test('the newest line is told, repeated as a sign of life, and a closed door is noticed', async () => {
  const heard: string[] = []
  let closed = 0
  const server = createServer(async (incoming, answer) => {
    heard.push(((await json(incoming)) as { text: string }).text)
    answer.writeHead(heard.length > 4 ? 401 : 204).end()
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const end = new AbortController()
  onTestFinished(() => {
    end.abort()
    server.close()
  })
  const door = openDoor(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'c', () => closed++)
  const tell = newTeller(door, end.signal, 20)
  tell('one')
  await until(() => heard.length >= 2)
  tell('two')
  tell('three')
  await until(() => closed > 0)
  expect(heard.slice(0, 2)).toEqual(['one', 'one'])
  expect(heard).toContain('three')
  expect(heard).not.toContain('two')
})
