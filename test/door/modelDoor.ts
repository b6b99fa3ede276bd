import type { IncomingMessage, RequestListener } from 'node:http'
import { text } from 'node:stream/consumers'
import type { DoorNeeds } from '../../src/door/app.ts'
import type { Provider } from '../../src/door/modelProvider.ts'
import { listen, openDoor } from './openDoor.ts'

export type Key = { apiKey?: string; authToken?: string }
type Options = { key?: Key; path?: string; needs?: Partial<DoorNeeds> }

/** A door before this provider, whose base address has a path, as a gateway's may. */
export async function modelDoor(
  name: Provider['name'],
  app: RequestListener,
  { key = { apiKey: 'REAL' }, path = '/gateway/', needs = {} }: Options = {},
) {
  const seen: { req: IncomingMessage; body: string }[] = []
  const server = await listen(async (req, res) => {
    // A request that breaks off was never one.
    const body = await text(req).catch(() => undefined)
    if (body === undefined) return
    seen.push({ req, body })
    app(req, res)
  })
  const door = await openDoor({ model: { [name]: { baseUrl: server.url + path, ...key } }, ...needs })
  return {
    ...door,
    seen,
    async [Symbol.asyncDispose]() {
      await door[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}
