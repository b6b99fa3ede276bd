/** One request to a server behind the door, streamed both ways and never followed elsewhere. */

import { type IncomingMessage, type OutgoingHttpHeaders, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { finished, type Readable } from 'node:stream'

/** The server gave no answer; `message` says why, in words that hold no credential. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
}

/** Milliseconds. */
export type Patience = {
  /** Until the connection stands. */
  readonly connect: number
  /** During which neither side may be silent. */
  readonly silence: number
}

export type Call = {
  readonly url: string
  readonly method: string
  readonly headers: OutgoingHttpHeaders
  /** Sent as it comes, in constant memory; an error in it ends the call. */
  readonly body?: Readable
  readonly patience: Patience
  /** Ends the call, also while its answer is read. */
  readonly signal: AbortSignal
}

/**
 * Sends the call and gives the answer, whatever its status, with its body still to be read. Redirects are answers.
 * Throws Unreachable. node:http rather than fetch, which would decode what is to be passed on as it is.
 */
export function send({ url, method, headers, body, patience, signal }: Call): Promise<IncomingMessage> {
  const target = new URL(url)
  const start = target.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const call = start(target, { method, headers, signal, timeout: patience.silence })
    const fail = (why: string) => {
      const unreachable = new Unreachable(`${target.host} ${why}`)
      reject(unreachable)
      call.destroy(unreachable)
      // What still comes is thrown away: a body that is destroyed takes the caller's connection with it, and so our answer.
      body?.unpipe(call).resume()
    }
    const connecting = setTimeout(() => fail(`took no connection within ${patience.connect} ms`), patience.connect)
    call.on('socket', (socket) => {
      const connected = () => clearTimeout(connecting)
      if (socket.connecting) socket.once(target.protocol === 'https:' ? 'secureConnect' : 'connect', connected)
      else connected()
    })
    call.on('close', () => clearTimeout(connecting))
    call.on('timeout', () => fail(`was silent for ${patience.silence} ms`))
    call.on('error', (error) => fail(`did not answer: ${error.message}`))
    call.on('response', resolve)
    if (body === undefined) call.end()
    else {
      finished(body, { writable: false }, (error) => error && fail(`was sent only a part: ${error.message}`))
      body.pipe(call)
    }
  })
}

/** These say how two neighbours talk to each other, not what is said (RFC 9110, 7.6.1); they are never passed on. */
const BETWEEN_NEIGHBOURS = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** The headers to pass on: all but those between neighbours, those the message names as such, and the ones given. */
export function passedHeaders(message: IncomingMessage, without: readonly string[]): OutgoingHttpHeaders {
  const named = (message.headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase())
  const dropped = new Set([...BETWEEN_NEIGHBOURS, ...named, ...without])
  return Object.fromEntries(Object.entries(message.headers).filter(([name]) => !dropped.has(name)))
}

/** The beginning of an answer's body as text, for a message to a person; the rest is not read. */
export async function firstWords(answer: IncomingMessage, length = 2000): Promise<string> {
  let words = ''
  for await (const chunk of answer.setEncoding('utf8')) {
    words += chunk
    if (words.length >= length) break
  }
  return words.slice(0, length)
}
