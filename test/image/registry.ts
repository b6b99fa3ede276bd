/** As much of a registry as a push needs (the OCI distribution specification, "Push"): blobs and manifests, kept in memory. */

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export type Registry = AsyncDisposable & {
  /** Host and port. */
  readonly address: string
  readonly blobs: ReadonlyMap<string, Buffer>
  /** By `name:tag`. */
  readonly manifests: ReadonlyMap<string, Buffer>
}

export async function startRegistry(): Promise<Registry> {
  const blobs = new Map<string, Buffer>()
  const manifests = new Map<string, Buffer>()
  const uploads = new Map<string, Buffer>()
  const server = createServer(async (req, res) => {
    const url = new URL(req.url ?? '/', 'http://registry')
    const body = await buffer(req)
    const answer = (status: number, headers: Record<string, string> = {}) => res.writeHead(status, headers).end()
    const [, name = '', kind, reference = ''] = /^\/v2\/(.+)\/(blobs|manifests)\/(.+)$/.exec(url.pathname) ?? []
    if (kind === undefined) return answer(200)
    if (kind === 'manifests') {
      if (req.method !== 'PUT') return answer(404)
      manifests.set(`${name}:${reference}`, body)
      return answer(201, { 'docker-content-digest': digestOf(body) })
    }
    const location = reference.startsWith('uploads/') ? url.pathname : ''
    if (location === '') return answer(blobs.has(reference) ? 200 : 404)
    if (req.method === 'POST') return answer(202, { location: `${location}${uploads.size}`, range: '0-0' })
    const all = Buffer.concat([uploads.get(location) ?? Buffer.alloc(0), body])
    uploads.set(location, all)
    if (req.method === 'PATCH') return answer(202, { location, range: `0-${all.length - 1}` })
    const digest = url.searchParams.get('digest') ?? ''
    if (digest !== digestOf(all)) return answer(400)
    blobs.set(digest, all)
    return answer(201, { 'docker-content-digest': digest })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    blobs,
    manifests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
