/** Serves a scripted model on loopback to every API that a front end knows, and records what it was asked. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { anthropic } from './anthropic.ts'
import { gemini } from './gemini.ts'
import { openai } from './openai.ts'
import { newPlayer } from './player.ts'
import { replyOf } from './reply.ts'
import { type Asked, isFault, type ModelError, type Reply, type Script } from './script.ts'

/** One server-sent event; `data` becomes JSON, a string stays as it is. */
export type ModelEvent = { readonly event?: string; readonly data: unknown }

export type ModelCall = { readonly method: string; readonly path: string; readonly body: unknown }

/** One API of a model: what it is asked, and how it speaks. All its functions are pure. */
export type FrontEnd = {
  readonly name: string
  /** A request for an answer; undefined: it is something else, or for another front end. */
  read(call: ModelCall): Asked | undefined
  /** The JSON that answers another address of this API: a list of models, a count of tokens. */
  other(call: ModelCall): unknown
  events(reply: Reply, asked: Asked): readonly ModelEvent[]
  /** The same answer in one piece. */
  whole(reply: Reply, asked: Asked): unknown
  error(error: ModelError): unknown
}

/** A request for an answer, as it came. */
export type Recorded = Asked & {
  readonly api: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
}

const FRONT_ENDS: readonly FrontEnd[] = [anthropic, openai, gemini]

export type Model = Awaited<ReturnType<typeof startModel>>

/** `await using model = await startModel({ steps: […] })`: see script.ts. */
export async function startModel(script: Script) {
  let play = newPlayer(script)
  const recorded: Recorded[] = []
  const unscripted: Recorded[] = []
  const unknown: string[] = []
  const server = createServer((req, res) => {
    answer(req, res).catch((error: unknown) => {
      if (!res.headersSent) res.writeHead(500, { 'content-type': 'application/json' })
      res.end(JSON.stringify({ error: { type: 'api_error', message: String(error) } }))
    })
  })

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = req
    const sent = await text(req)
    const call = {
      method,
      path: url.replace(/\?.*$/, ''),
      body: sent === '' ? undefined : (JSON.parse(sent) as unknown),
    }
    const found = FRONT_ENDS.map((front) => ({ front, asked: front.read(call) })).find((one) => one.asked !== undefined)
    if (found?.asked === undefined) return answerOther(call, res)

    const { front, asked } = found
    const record = { ...asked, api: front.name, path: url, headers, body: call.body }
    recorded.push(record)
    const step = play(asked)
    if (step === undefined) unscripted.push(record)
    const done = step ?? { error: { status: 400, message: `The script has nothing after ${asked.answers} answers.` } }
    if (done.delay !== undefined) await sleep(done.delay, undefined, { ref: false })
    if ('hang' in done) return
    if ('error' in done) return say(res, done.error.status, front.error(done.error), done.error.headers)

    const reply = replyOf(isFault(done) ? { text: done.text } : done, asked)
    if (!asked.stream) return say(res, 200, front.whole(reply, asked))
    res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
    const most = 'drop' in done ? done.drop : 'stall' in done ? done.stall : undefined
    for (const { event, data } of front.events(reply, asked).slice(0, most)) {
      const line = typeof data === 'string' ? data : JSON.stringify(data)
      const written = `${event === undefined ? '' : `event: ${event}\n`}data: ${line}\n\n`
      // What is torn is torn only once the events before it have left.
      await new Promise((left) => res.write(written, left))
    }
    if ('drop' in done) res.destroy()
    else if (!('stall' in done)) res.end()
  }

  function answerOther(call: ModelCall, res: ServerResponse): void {
    const body = FRONT_ENDS.map((front) => front.other(call)).find((one) => one !== undefined)
    if (body === undefined) unknown.push(`${call.method} ${call.path}`)
    say(res, body === undefined ? 404 : 200, body ?? { error: { type: 'not_found_error', message: call.path } })
  }

  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const close = async () => {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  }
  return {
    /** Without a path: what ANTHROPIC_BASE_URL wants. */
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** All requests for answers, oldest first, refused ones and repeated ones too. */
    recorded,
    /** Those of them that offer tools: the conversation. */
    get asked(): readonly Recorded[] {
      return recorded.filter(({ tools }) => tools.length > 0)
    },
    /** Requests for which the script had no step. */
    unscripted,
    /** Calls of addresses that no front end knows. */
    unknown,
    /** From now on another script, from its beginning. */
    play(next: Script): void {
      play = newPlayer(next)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function say(res: ServerResponse, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}
