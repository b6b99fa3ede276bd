/** A stand-in of the API server: TLS, HTTP/2 and HTTP/1.1, LIST, WATCH, GET, POST and DELETE of what a runner needs, and faults. */

import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { KubeConfig } from '@kubernetes/client-node'
import { selfSigned } from './certificate.ts'
import { type Call, createFaults, type Faults } from './faults.ts'
import { createObjects, type Kind, type Objects, StatusError } from './objects.ts'
import { openWatches, type Watches } from './watches.ts'

export type Server = AsyncDisposable & {
  readonly objects: Objects
  readonly faults: Faults
  readonly watches: Watches
  /** Every call that came, in order. */
  readonly calls: Call[]
  readonly connections: { now: number; most: number; all: number }
  /** Texts of pods, by name. */
  readonly logs: Map<string, string>
  /** Verbs that a SelfSubjectAccessReview denies, as `create jobs`. */
  readonly denied: Set<string>
  /** Answers to further paths. */
  readonly pages: Map<string, unknown>
  /** The tokens that are accepted. */
  readonly tokens: Set<string>
  /** Told when somebody asks for a deletion; without it an object just goes. */
  deleted: (kind: Kind, name: string) => void
  config(token?: string): KubeConfig
  /** Cuts every connection. */
  resetAll(): void
  /** Stops listening, and comes back at the same address. */
  away(): Promise<() => Promise<void>>
}

const PATH = /^\/(?:api\/v1|apis\/batch\/v1)\/namespaces\/([^/]+)\/(jobs|pods|secrets|events)(?:\/([^/]+))?(\/log)?$/

export async function openServer(protocols = ['h2', 'http/1.1']): Promise<Server> {
  const { key, cert } = selfSigned()
  const sockets = new Set<Socket>()
  const raw = new Map<number | undefined, Socket>()
  const gone = (socket: Socket | undefined): void => {
    if (socket !== undefined && sockets.delete(socket)) server.connections.now--
  }
  const http = createSecureServer({ key, cert, allowHTTP1: true, ALPNProtocols: protocols }, (request, response) => {
    handle(request, response).catch((error: unknown) => response.stream?.destroy(error as Error))
  })
  http.on('connection', (socket: Socket) => {
    sockets.add(socket)
    raw.set(socket.remotePort, socket)
    server.connections.all++
    server.connections.now++
    server.connections.most = Math.max(server.connections.most, server.connections.now)
    socket.once('close', () => gone(socket))
  })
  // What the client has ended is over, though our side may be slow to notice; its successor is no further connection.
  http.on('secureConnection', (secure) => secure.once('end', () => gone(raw.get(secure.remotePort))))
  const listen = (port: number) => new Promise<void>((listening) => http.listen(port, '127.0.0.1', listening))
  await listen(0)
  const { port } = http.address() as AddressInfo
  const resetAll = (): void => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  const close = async (): Promise<void> => {
    const closed = new Promise((done) => http.close(done))
    resetAll()
    await closed
  }
  const objects = createObjects()
  const server: Server = {
    objects,
    faults: createFaults(),
    watches: openWatches(objects),
    calls: [],
    connections: { now: 0, most: 0, all: 0 },
    logs: new Map(),
    denied: new Set(),
    pages: new Map([['/version', { gitVersion: 'v1.34.0' }]]),
    tokens: new Set(['token']),
    deleted: (kind, name) => objects.remove(kind, name),
    config(token = 'token') {
      const config = new KubeConfig()
      config.loadFromOptions({
        clusters: [{ name: 'c', server: `https://127.0.0.1:${port}`, caData: Buffer.from(cert).toString('base64') }],
        users: [{ name: 'u', token }],
        contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
        currentContext: 'x',
      })
      return config
    },
    resetAll,
    async away() {
      await close()
      return () => listen(port)
    },
    async [Symbol.asyncDispose]() {
      server.watches.close()
      if (http.listening) await close()
    },
  }

  async function handle(request: Http2ServerRequest, response: Http2ServerResponse): Promise<void> {
    const url = new URL(request.url, 'https://stand-in')
    const call = { method: request.method, path: url.pathname, watch: url.searchParams.get('watch') === 'true' }
    server.calls.push(call)
    const body = await text(request)
    const fault = server.faults.take(call)
    if (fault?.do === 'reset') return cut(request)
    if (fault?.do === 'hang') return
    if (fault?.do === 'garble') return void response.end('{"kind":"Stat')
    if (fault?.do === 'answer') return say(response, fault.status, fault.body ?? {}, fault.headers)
    try {
      if (!server.tokens.has(request.headers.authorization?.replace('Bearer ', '') ?? '')) {
        throw new StatusError(401, 'Unauthorized', 'Unauthorized')
      }
      const answer = answerOf(call, url, body, response)
      if (fault?.do === 'reset-after') return cut(request)
      if (answer !== undefined) say(response, call.method === 'POST' ? 201 : 200, answer)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      const { code, reason, message } = error
      say(response, code, { kind: 'Status', status: 'Failure', code, reason, message })
    }
  }

  /** Undefined where the answer goes on. */
  function answerOf({ method, path, watch }: Call, url: URL, body: string, response: Http2ServerResponse): unknown {
    if (path.endsWith('/selfsubjectaccessreviews')) return review(JSON.parse(body), server.denied)
    const page = server.pages.get(path)
    if (page !== undefined) return page
    const [, , kind, name, log] = PATH.exec(path) ?? []
    if (kind === undefined) throw new StatusError(404, 'NotFound', `no such path: ${path}`)
    const known = kind as Kind
    if (method === 'POST') return objects.create(known, JSON.parse(body))
    if (watch) return void server.watches.open(known, url.searchParams, response)
    if (name === undefined) return list(known, url.searchParams)
    const object = objects.get(known, name)
    if (object === undefined) throw new StatusError(404, 'NotFound', `${kind} "${name}" not found`)
    if (method === 'DELETE') {
      server.deleted(known, name)
      return { kind: 'Status', status: 'Success' }
    }
    if (log === undefined) return object
    response.writeHead(200, { 'content-type': 'text/plain' })
    response.end(server.logs.get(name) ?? '')
    return undefined
  }

  function list(kind: Kind, query: URLSearchParams): unknown {
    const field = /involvedObject.name=([^,]+)/.exec(query.get('fieldSelector') ?? '')?.[1]
    const all = objects
      .list(kind, query.get('labelSelector') ?? '')
      .filter((object) => field === undefined || (object.involvedObject as { name?: string }).name === field)
    const [version = objects.version(), from = '0'] = query.get('continue')?.split(':') ?? []
    const end = Number(from) + Number(query.get('limit') ?? all.length)
    const more = end < all.length ? { continue: `${version}:${end}` } : {}
    return { kind: 'List', metadata: { resourceVersion: version, ...more }, items: all.slice(Number(from), end) }
  }

  return server
}

function review(asked: { spec: { resourceAttributes: Record<string, string> } }, denied: ReadonlySet<string>): unknown {
  const { verb, resource, subresource } = asked.spec.resourceAttributes
  const what = subresource === undefined ? resource : `${resource}/${subresource}`
  return { ...asked, status: { allowed: !denied.has(`${verb} ${what}`) } }
}

function say(response: Http2ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

function cut(request: Http2ServerRequest): void {
  if (request.stream === undefined) request.socket.destroy()
  else request.stream.session?.destroy()
}
