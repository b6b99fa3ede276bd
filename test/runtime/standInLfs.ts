/** The LFS server of the small door: the batch API, and the objects in memory. */

import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'

/** Contents by their sha256. */
export type StandInLfs = Map<string, Buffer>

type Batch = {
  readonly operation: string
  readonly objects: readonly { readonly oid: string; readonly size: number }[]
}

export async function answerLfs(
  door: { readonly url: string; readonly lfs: StandInLfs },
  incoming: IncomingMessage,
  answer: ServerResponse,
): Promise<void> {
  const body = await buffer(incoming)
  const path = (incoming.url ?? '').slice('/v1/git/info/lfs'.length)
  const oid = path.slice('/objects/'.length)
  if (path === '/objects/batch') {
    const { operation, objects } = JSON.parse(body.toString()) as Batch
    const told = objects.map((object) => {
      const href = `${door.url}/v1/git/info/lfs/objects/${object.oid}`
      if (operation === 'upload')
        return { ...object, ...(door.lfs.has(object.oid) ? {} : { actions: { upload: { href } } }) }
      if (door.lfs.has(object.oid)) return { ...object, actions: { download: { href } } }
      return { ...object, error: { code: 404, message: 'no such object' } }
    })
    answer.writeHead(200, { 'content-type': 'application/vnd.git-lfs+json' })
    answer.end(JSON.stringify({ transfer: 'basic', objects: told }))
  } else if (incoming.method === 'PUT' && createHash('sha256').update(body).digest('hex') === oid) {
    door.lfs.set(oid, body)
    answer.writeHead(200).end()
  } else if (incoming.method === 'GET' && door.lfs.has(oid)) answer.writeHead(200).end(door.lfs.get(oid))
  else answer.writeHead(422).end()
}
