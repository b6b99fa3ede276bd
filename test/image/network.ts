/** A company's network on loopback: nothing but its proxy leads out, its mirrors are behind it, and a CA of its own signs for all. */

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, connect, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { createServer as createTls } from 'node:tls'
import { script } from './container.ts'

const MIRROR = 'mirror.example'

export type Network = Awaited<ReturnType<typeof startNetwork>>

/** A CA in `folder`, which is to be writable for the user, and what it signed; made with the image's own openssl. */
async function certificate(folder: string, user: string) {
  const make = 'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2'
  const leaf = `-addext basicConstraints=critical,CA:FALSE -addext subjectAltName=DNS:${MIRROR},IP:127.0.0.1`
  await script(
    `cd /made; exec 2>&1
    ${make} -subj /CN=company -keyout ca.key -out ca.pem
    ${make} -subj /CN=servers ${leaf} -CA ca.pem -CAkey ca.key -keyout key.pem -out leaf.pem`,
    { user, mounts: { '/made': folder } },
  )
  return { key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(join(folder, 'leaf.pem')) }
}

/** `door` is what stands behind the TLS of `doorUrl`. */
export async function startNetwork(folder: string, user: string, door: string) {
  const pair = await certificate(folder, user)
  const asked: string[] = []
  const proxied: string[] = []

  const mirror = createHttps(pair, ({ url = '' }, answer) => {
    asked.push(url)
    const found = PAGES[url]
    answer.writeHead(found === undefined ? 404 : 200, { 'content-type': found?.type ?? 'text/plain' }).end(found?.text)
  })
  const doorTls = createTls(pair, (socket) => joinEnds(socket, connect(Number(new URL(door).port), '127.0.0.1')))
  const proxy = createHttp((_, answer) => answer.writeHead(400).end())
  proxy.on('connect', ({ url = '' }, socket: Socket) => {
    proxied.push(url)
    if (url !== `${MIRROR}:443`) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    joinEnds(socket, connect(portOf(mirror), '127.0.0.1'))
  })
  const servers = [mirror, doorTls, proxy]
  for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening')

  return {
    /** The CA, in this machine's files. */
    ca: join(folder, 'ca.pem'),
    doorUrl: `https://127.0.0.1:${portOf(doorTls)}`,
    proxyUrl: `http://127.0.0.1:${portOf(proxy)}`,
    mirrorUrl: `https://${MIRROR}`,
    /** Paths that the mirror was asked for, and hosts that the proxy was, in order. */
    asked,
    proxied,
    [Symbol.asyncDispose]: async () => {
      for (const server of [mirror, proxy]) server.closeAllConnections()
      for (const server of servers) await new Promise((closed) => server.close(closed))
    },
  }
}

const PAGES: Readonly<Record<string, { readonly type: string; readonly text: string }>> = {
  '/hello': { type: 'text/plain', text: 'hello from the mirror\n' },
  '/npm/tool': {
    type: 'application/json',
    text: JSON.stringify({
      name: 'tool',
      'dist-tags': { latest: '1.2.3' },
      versions: { '1.2.3': { name: 'tool', version: '1.2.3', dist: { tarball: `https://${MIRROR}/npm/tool.tgz` } } },
    }),
  },
  '/pypi/simple/snake/': { type: 'text/html', text: '<a href="snake-4.5.6-py3-none-any.whl">snake</a>' },
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

/** Two ends of one line; whichever breaks ends the other. */
function joinEnds(one: Socket, other: Socket): void {
  one.on('error', () => other.destroy())
  other.on('error', () => one.destroy())
  one.pipe(other).pipe(one)
}
