import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { newTeller } from '../../runtime/activity.ts'
import { openDoor } from '../../runtime/door.ts'
import type { Activity } from '../../runtime/protocol.ts'
import { until } from './attempt.ts'

/** A door that hears at most `most` times, and is closed then. */
async function listening(most: number, beat: number) {
  const heard: Activity[] = []
  let closed = 0
  const server = createServer(async (incoming, answer) => {
    heard.push((await json(incoming)) as Activity)
    answer.writeHead(heard.length > most ? 401 : 204).end()
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const end = new AbortController()
  onTestFinished(() => {
    end.abort()
    server.close()
  })
  const door = openDoor(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'c', () => closed++)
  return { heard, isClosed: () => closed > 0, tell: newTeller(door, end.signal, beat) }
}

test('the newest line is told, repeated as a sign of life, and a closed door is noticed', async () => {
  const { heard, tell, isClosed } = await listening(4, 20)
  tell('one')
  await until(() => heard.length >= 2)
  tell('two')
  tell('three')
  await until(isClosed)
  expect(heard.slice(0, 2)).toEqual([{ text: 'one' }, { text: 'one' }])
  expect(heard).toContainEqual({ text: 'three' })
  expect(heard).not.toContainEqual({ text: 'two' })
})

test('every part of the run is told in its turn, with the newest line of each', async () => {
  const { heard, tell } = await listening(100, 60_000)
  tell('clones', 'clone')
  tell('runs the script', 'setup')
  tell('starts claude', 'agent')
  tell('reads a.ts')
  tell('commits', 'push')
  tell('pushes', 'push')
  await until(() => heard.length >= 4)
  expect(heard).toEqual([
    { text: 'clones', phase: 'clone' },
    { text: 'runs the script', phase: 'setup' },
    { text: 'reads a.ts', phase: 'agent' },
    { text: 'pushes', phase: 'push' },
  ])
})
