import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { StartError } from './startError.ts'

export type Listening = AsyncDisposable & { readonly port: number }

/** `requestTimeout` (ms) bounds how long a client may take to send one request; 0 where a push or a log may take its time. */
export async function listen(
  what: string,
  app: RequestListener,
  { host, port }: { readonly host: string; readonly port: number },
  requestTimeout: number,
): Promise<Listening> {
  const server = createServer({ requestTimeout, headersTimeout: 10_000, connectionsCheckingInterval: 2000 }, app)
  server.keepAliveTimeout = 65_000
  server.maxConnections = 2000
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') reject(error)
      else
        reject(
          new StartError(
            `Port ${port} is taken, so ${what} cannot listen there: end what uses it, or choose another port.`,
          ),
        )
    })
    server.listen(port, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeIdleConnections()
      const hurry = setTimeout(() => server.closeAllConnections(), 3000)
      await closed
      clearTimeout(hurry)
    },
  }
}
