/** A small door for tests of the entrypoint: one attempt, kept in memory; git is git's own http-backend, LFS is standInLfs.ts. */

import { spawn } from 'node:child_process'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Outcome, Request } from '../../runtime/protocol.ts'
import { answerLfs, type StandInLfs } from './standInLfs.ts'

export const CREDENTIAL = 'attempt-credential-1'

/** An answer that takes the place of the door's own. */
export type Fault = { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }

export type StandInDoor = {
  readonly url: string
  request: Request
  /** Another attempt: nothing of the last one's report is left. */
  begin(request: Request): void
  /** What an agent remembers, as it was left. */
  session: Buffer | undefined
  /** Bare repositories by their project's path: what the person who asked may read. */
  readonly repositories: Map<string, string>
  readonly lfs: StandInLfs
  /** What it is told to mask. */
  readonly masks: string[]
  log: Buffer
  logEnded: boolean
  /** Answered sizes of PATCH bodies, in order. */
  readonly patches: number[]
  readonly activities: string[]
  readonly seen: string[]
  outcome: Outcome | undefined
  /** Asked before each answer; undefined lets the door answer itself. */
  fault: (method: string, path: string) => Fault | undefined
  /** Bytes of the log that are not acknowledged until its end, as a masker does it. */
  holdBack: number
  close(): Promise<void>
}

export async function openStandInDoor(bare: string, request: Request): Promise<StandInDoor> {
  const server = createServer((incoming, answer) => {
    handle(incoming, answer).catch((error: unknown) => answer.destroy(error instanceof Error ? error : undefined))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const door: StandInDoor = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    request,
    begin(next) {
      Object.assign(door, { request: next, log: Buffer.alloc(0), logEnded: false, outcome: undefined })
      door.activities.length = 0
    },
    session: undefined,
    repositories: new Map(),
    lfs: new Map(),
    masks: [],
    log: Buffer.alloc(0),
    logEnded: false,
    patches: [],
    activities: [],
    seen: [],
    outcome: undefined,
    fault: () => undefined,
    holdBack: 0,
    close: async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }

  async function handle(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method = '', url = '' } = incoming
    const say = (status: number, body: unknown) =>
      answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    door.seen.push(`${method} ${url}`)
    const fault = door.fault(method, url)
    if (fault !== undefined) {
      incoming.resume()
      answer.writeHead(fault.status, fault.headers).end(fault.body)
      return
    }
    if (incoming.headers.authorization !== `Bearer ${CREDENTIAL}`) {
      incoming.resume()
      return void say(401, { error: 'no such attempt' })
    }
    if (url.startsWith('/v1/git/info/lfs/')) return answerLfs(door, incoming, answer)
    if (url.startsWith('/v1/git/')) return git(bare, url.slice('/v1/git'.length), incoming, answer)
    const [, project = '', rest = ''] = /^\/v1\/repositories\/(.+?)\.git(\/.*)$/.exec(url) ?? []
    const repository = door.repositories.get(project)
    if (repository !== undefined) return git(repository, rest, incoming, answer)
    const body = await buffer(incoming)
    if (method === 'GET' && url === '/v1/request') return void say(200, door.request)
    if (method === 'PUT' && url === '/v1/activity') {
      door.activities.push((JSON.parse(body.toString()) as { text: string }).text)
      return void say(200, {})
    }
    if (method === 'PUT' && url === '/v1/outcome') {
      door.outcome = JSON.parse(body.toString()) as Outcome
      return void say(200, {})
    }
    if (method === 'PUT' && url === '/v1/masks') {
      door.masks.push(...(JSON.parse(body.toString()) as { values: string[] }).values)
      return void answer.writeHead(204).end()
    }
    if (url === '/v1/session') {
      if (method === 'PUT') {
        door.session = body
        return void answer.writeHead(204).end()
      }
      if (door.session === undefined) return void say(404, { error: 'no session' })
      return void answer.writeHead(200, { 'content-type': 'application/gzip' }).end(door.session)
    }
    if (method === 'PATCH' && url === '/v1/log') {
      const [from, to] = (/^bytes (\d+)-(\d+)\/\*$/.exec(incoming.headers['content-range'] ?? '') ?? [])
        .slice(1)
        .map(Number)
      if (from !== door.log.length || to !== from + body.length - 1) return void say(416, { offset: door.log.length })
      const ends = incoming.headers['errand-log-end'] === 'true'
      door.patches.push(body.length)
      door.log = Buffer.concat([door.log, ends ? body : body.subarray(0, Math.max(0, body.length - door.holdBack))])
      door.logEnded ||= ends
      return void say(200, { offset: door.log.length })
    }
    say(404, { error: 'no such place' })
  }
  return door
}

/** CGI, by hand: git's http-backend over one bare repository. */
function git(bare: string, path: string, incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
  const url = new URL(path, 'http://door')
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: bare,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_PROTOCOL: String(incoming.headers['git-protocol'] ?? ''),
      REMOTE_USER: 'errand',
      REQUEST_METHOD: incoming.method,
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: incoming.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: incoming.headers['content-encoding'] ?? '',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  child.stdin.on('error', () => undefined)
  incoming.pipe(child.stdin)
  return buffer(child.stdout).then((out) => {
    const cut = out.indexOf('\r\n\r\n')
    const headers = out
      .subarray(0, cut)
      .toString()
      .split('\r\n')
      .map((line) => line.split(/: (.*)/s, 2) as [string, string])
    const status = Number(headers.find(([name]) => name === 'Status')?.[1].split(' ', 1)[0] ?? 200)
    answer
      .writeHead(status, Object.fromEntries(headers.filter(([name]) => name !== 'Status')))
      .end(out.subarray(cut + 4))
  })
}
