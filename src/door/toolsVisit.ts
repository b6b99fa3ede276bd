/** One call of an agent's MCP client: read, judged, passed on, and answered. */

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Request } from 'express'
import type { Logger } from '../log.ts'
import type { Admitted } from './admit.ts'
import { showToAgent } from './toolsAnswer.ts'
import type { Catalogue } from './toolsCatalogue.ts'
import { judgeMessage, type Refused } from './toolsJudge.ts'
import { askForPage, LARGEST_MESSAGE, NoList, parsed } from './toolsList.ts'
import {
  type ClientMessage,
  type ClientMessages,
  CODE,
  isObject,
  readMessages,
  refusalOf,
  writeMessages,
} from './toolsMessages.ts'
import { passAnswer } from './toolsReply.ts'
import type { ToolServer } from './toolsServer.ts'
import { bindSession, unbindSession } from './toolsSession.ts'
import { callServer, type ToolRequest, type Trouble, troubleOf } from './toolsUpstream.ts'
import { readWhole } from './whole.ts'

export type VisitNeeds = {
  /** ERRAND_KEY. */
  readonly key: string
  /**
   * Whether the person who asked for the task may read this project of GitLab, by its id or path, looked up live: true, or
   * the words why not.
   */
  mayRead(task: string, project: string): Promise<true | string>
  /** Values that no server may tell an agent. */
  secrets(): readonly string[]
  readonly log: Logger
}

type Visit = {
  readonly req: Request
  readonly res: Admitted
  readonly server: ToolServer
  readonly catalogue: Catalogue
  readonly needs: VisitNeeds
  readonly asked: ClientMessages | undefined
}

/** Answers the call. `req.body` holds the bytes of a POST. */
export async function visit(
  method: ToolRequest['method'],
  req: Request,
  res: Admitted,
  about: Pick<Visit, 'server' | 'catalogue' | 'needs'>,
): Promise<void> {
  const { server, needs } = about
  const { caller } = res.locals
  const asked = method === 'POST' ? readMessages(String(req.body ?? '')) : undefined
  if (asked !== undefined && 'wrong' in asked) {
    res.status(400).json(refusalOf(null, asked.code, `Not understood by Errand: ${asked.wrong}.`))
    return
  }
  const v: Visit = { ...about, req, res, asked }
  const bound = req.headers['mcp-session-id']
  const session = typeof bound === 'string' ? unbindSession(needs.key, caller.task, server.name, bound) : undefined
  if (bound !== undefined && session === undefined) {
    res.status(404).json(refusalOf(null, CODE.server, 'This session is not known here; begin a new one.'))
    return
  }
  const gone = new AbortController()
  res.on('close', () => gone.abort())
  const call = { method, from: req.headers, session, signal: gone.signal }
  try {
    const refused = asked === undefined ? undefined : await judge(asked, v, call)
    if (refused !== undefined) return refuse(v, refused)
    const body = asked === undefined ? {} : { body: writeMessages(asked) }
    const answer = await callServer(server, { ...call, ...body })
    if (gone.signal.aborted) return
    if ('words' in answer) sayTrouble(v, answer)
    else await passOn(answer, method, v)
  } catch (error) {
    if (gone.signal.aborted) return
    needs.log.warn({ ...caller, tool: server.name, err: error }, 'a tool server broke off')
    if (res.headersSent) res.destroy()
    else sayTrouble(v, { words: `The tool server ${server.name} broke off in the middle.`, status: 502 })
  }
}

/** Why something of what was asked may not pass; of several messages none passes then. */
async function judge(
  asked: ClientMessages,
  { req, res, server, catalogue, needs }: Visit,
  call: Omit<ToolRequest, 'body'>,
) {
  const { task } = res.locals.caller
  const odd = disagreement(asked, req.headers)
  if (odd !== undefined) return odd
  for (const message of asked.messages) {
    const meta = message.kind === 'request' ? message.params?._meta : undefined
    const ask = (cursor: string | undefined) => askForPage(server, call, meta, cursor)
    try {
      const refused = await judgeMessage(message, server, {
        isReadOnly: (tool) => catalogue.isReadOnly(server.name, tool, ask),
        mayRead: (project) => needs.mayRead(task, project),
      })
      if (refused !== undefined) return refused
    } catch (error) {
      if (error instanceof NoList) return { code: CODE.server, words: error.message }
      throw error
    }
  }
  return undefined
}

/** Revision 2026-07-28 says method and tool in headers too, for those who only look there: both have to say the same. */
function disagreement({ messages, batch }: ClientMessages, headers: IncomingHttpHeaders): Refused | undefined {
  const [message] = messages
  const { 'mcp-method': method, 'mcp-name': name } = headers
  const said: { method?: unknown; name?: unknown } =
    message === undefined || message.kind === 'response' ? {} : { method: message.method, name: message.params?.name }
  const agrees = (method === undefined || method === said.method) && (name === undefined || name === said.name)
  if (agrees && !(batch && (method ?? name) !== undefined)) return undefined
  return { code: CODE.notRequest, words: 'The headers Mcp-Method and Mcp-Name say something else than the message.' }
}

async function passOn(answer: IncomingMessage, method: ToolRequest['method'], v: Visit): Promise<void> {
  const { res, server, needs } = v
  const { task } = res.locals.caller
  const status = answer.statusCode ?? 0
  const secrets = needs.secrets()
  const learn = (tools: Parameters<Catalogue['learn']>[1]) => v.catalogue.learn(server.name, tools)
  const id = answer.headers['mcp-session-id']
  const bound = typeof id === 'string' ? bindSession(needs.key, task, server.name, id) : undefined
  if (bound !== undefined && status < 300) res.set('Mcp-Session-Id', bound)
  if (status === 202 || (method === 'DELETE' && status >= 200 && status < 300)) {
    answer.resume()
    res.status(status === 202 ? 202 : 200).end()
  } else if (status === 200) {
    const ids = idsOf(v)
    const trouble = (words: string, setting?: string) =>
      sayTrouble(v, { words, status: 502, ...(setting === undefined ? {} : { setting }) })
    await passAnswer(answer, res, { server, secrets, learn, ids, trouble })
  } else if (status === 404 || status === 405) {
    // The session is over; or this server has no stream, no end of sessions. The client knows what to do.
    answer.resume()
    res.status(status).json(refusalOf(null, CODE.server, `The tool server ${server.name} answered ${status}.`))
  } else if ([400, 409, 422].includes(status) && /^application\/json\b/i.test(answer.headers['content-type'] ?? '')) {
    const said = parsed(String(await readWhole(answer, LARGEST_MESSAGE)))
    const words = `The tool server ${server.name} answered ${status}.`
    const known = isObject(said) && isObject(said.error)
    res.status(status).json(known ? showToAgent(said, { server, secrets, learn }) : refusalOf(null, CODE.server, words))
  } else {
    sayTrouble(v, await troubleOf(answer, server, secrets))
  }
}

function refuse(v: Visit, { code, words }: Refused): void {
  const { res, server, needs, asked } = v
  const methods = asked?.messages.map((message) => (message.kind === 'response' ? 'response' : message.method))
  needs.log.warn({ ...res.locals.caller, tool: server.name, methods, reason: words }, 'a call of a tool was refused')
  sayToAgent(v, code, words, 400)
}

function sayTrouble(v: Visit, { words, status, setting, why }: Trouble): void {
  const about = { ...v.res.locals.caller, tool: v.server.name, reason: words, ...(why === undefined ? {} : { why }) }
  if (setting === undefined) v.needs.log.warn(about, 'a tool server did not answer as it should')
  else v.needs.log.error({ ...about, setting }, `a tool server cannot be used: see ${setting}`)
  sayToAgent(v, CODE.server, words, status)
}

/** As the answer to every request, so that the agent reads it; with a status where none was made. */
function sayToAgent(v: Visit, code: number, words: string, status: number): void {
  const refusals = idsOf(v).map((id) => refusalOf(id, code, words))
  if (refusals.length === 0) v.res.status(status).json(refusalOf(null, code, words))
  else v.res.status(200).json(v.asked?.batch === true ? refusals : refusals[0])
}

function idsOf({ asked }: Visit) {
  return (asked?.messages ?? []).flatMap((message: ClientMessage) => (message.kind === 'request' ? [message.id] : []))
}
