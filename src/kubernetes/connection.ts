/**
 * Where the API server is, how we show who we are, and the few connections to it. The library makes a new TLS
 * connection for every request (kubernetes-client/javascript#2893); here all requests share one dispatcher, which is
 * made anew when certificates were rotated.
 *
 * HTTP/1.1, on purpose. A call that hangs ends with its own connection; over HTTP/2 one connection that hangs holds up
 * everything, and to destroy it with calls under way sent Node 24.21 into an endless loop within node::http2 (measured).
 */

import { createHash } from 'node:crypto'
import type { AgentOptions, RequestOptions } from 'node:https'
import { HttpMethod, type KubeConfig, RequestContext } from '@kubernetes/client-node'
import { Agent, type buildConnector, type Dispatcher } from 'undici'

type ConnectOptions = Partial<buildConnector.BuildOptions>

/** A watch occupies one. */
const WATCHES = 2
export const CALLS = 2
const CONNECTING = 10_000

export type Opened = {
  readonly server: string
  readonly headers: Readonly<Record<string, string>>
  readonly dispatcher: Dispatcher
}

export type Connection = AsyncDisposable & {
  /** Reads tokens and certificates as they are now. */
  open(): Promise<Opened>
}

export function createConnection(config: KubeConfig): Connection {
  const cluster = config.getCurrentCluster()
  if (cluster === null) throw new Error('the kubeconfig names no current cluster: set its current-context')
  let current: { readonly dispatcher: Promise<Dispatcher>; readonly material: string } | undefined

  async function make(tls: RequestOptions): Promise<Dispatcher> {
    const options = config.createDispatcherOptions(cluster, tls as AgentOptions)
    const limits = { connections: WATCHES + CALLS, allowH2: false, headersTimeout: 0, bodyTimeout: 0 }
    switch (options.type) {
      case 'agent':
        return new Agent({
          ...limits,
          connect: { ...(options.connect as ConnectOptions), timeout: CONNECTING, allowH2: false },
        })
      case 'none':
        return new Agent(limits)
      case 'proxy':
      case 'socks': {
        // The library knows how to get through a proxy; its dispatcher is kept, which is all that was wrong with it.
        const context = new RequestContext(cluster?.server ?? '', HttpMethod.GET)
        await config.applySecurityAuthentication(context)
        return context.getDispatcher() ?? new Agent(limits)
      }
    }
  }

  return {
    async open() {
      const tls: RequestOptions = {}
      await config.applyToHTTPSOptions(tls)
      const material = materialOf(tls)
      if (current?.material !== material) {
        const before = current?.dispatcher
        // Put down before it is awaited: two first calls must not make two.
        current = { dispatcher: make(tls), material }
        // What is under way may end; watches end by themselves within minutes.
        void before?.then((dispatcher) => dispatcher.close()).catch(() => {})
      }
      const { dispatcher } = current
      return { server: cluster.server.replace(/\/+$/, ''), headers: headersOf(tls), dispatcher: await dispatcher }
    },
    async [Symbol.asyncDispose]() {
      await (await current?.dispatcher)?.destroy()
      current = undefined
    },
  }
}

function headersOf({ headers, auth }: RequestOptions): Record<string, string> {
  const basic = auth == null ? {} : { authorization: `Basic ${Buffer.from(auth).toString('base64')}` }
  const given = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value).trim()])
  return { accept: 'application/json', 'user-agent': 'errand', ...basic, ...Object.fromEntries(given) }
}

function materialOf({ ca, cert, key, pfx, passphrase, rejectUnauthorized, servername }: RequestOptions): string {
  const parts = [ca, cert, key, pfx, passphrase, rejectUnauthorized, servername]
  return createHash('sha256').update(parts.map(String).join('\0')).digest('hex')
}
