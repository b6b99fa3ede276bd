/** Passes on what an MCP server answers: whole, or event by event, each as the agent gets to see it. */

import type { IncomingMessage } from 'node:http'
import type { Response } from 'express'
import { type AnswerNeeds, showToAgent } from './toolsAnswer.ts'
import { readEvents, type ServerEvent, TooLong, writeEvent } from './toolsEvents.ts'
import { LARGEST_MESSAGE, parsed } from './toolsList.ts'
import { CODE, type RequestId, refusalOf } from './toolsMessages.ts'
import { readWhole } from './whole.ts'

export type Reply = AnswerNeeds & {
  /** The requests that wait for this answer. */
  readonly ids: readonly RequestId[]
  /** Says to the agent that it is none. */
  trouble(words: string, setting?: string): void
}

const TOO_LARGE = `said more than ${LARGEST_MESSAGE / 1024 / 1024} MB at once, which Errand does not pass on; ask for less.`

/** Answers with the server's answer of status 200. */
export async function passAnswer(answer: IncomingMessage, res: Response, reply: Reply): Promise<void> {
  const { name } = reply.server
  const type = answer.headers['content-type'] ?? ''
  const packed = answer.headers['content-encoding']
  if (packed !== undefined && packed !== 'identity') {
    answer.destroy()
    reply.trouble(`The tool server ${name} answers packed with ${packed}, which it was not asked to.`)
  } else if (/^text\/event-stream\b/i.test(type)) {
    await passEvents(answer, res, reply)
  } else if (/^application\/json\b/i.test(type)) {
    const bytes = await readWhole(answer, LARGEST_MESSAGE)
    const said = bytes === undefined ? undefined : parsed(String(bytes))
    if (bytes === undefined) reply.trouble(`The tool server ${name} ${TOO_LARGE}`)
    else if (said === undefined) reply.trouble(`The tool server ${name} answered with what is not JSON.`)
    else res.status(200).json(showToAgent(said, reply))
  } else {
    const bytes = await readWhole(answer, LARGEST_MESSAGE)
    if (bytes?.length === 0) res.status(202).end()
    else
      reply.trouble(
        `The tool server ${name} answers with ${type || 'no content-type'}, which is no MCP.`,
        `tools.${name}.url`,
      )
  }
}

async function passEvents(answer: IncomingMessage, res: Response, reply: Reply): Promise<void> {
  res.status(200).type('text/event-stream').set({ 'Cache-Control': 'no-cache', 'X-Accel-Buffering': 'no' })
  res.flushHeaders()
  try {
    for await (const event of readEvents(answer, LARGEST_MESSAGE)) {
      if (res.destroyed) return
      await written(res, writeEvent(shown(event, reply)))
    }
  } catch (error) {
    if (!(error instanceof TooLong)) throw error
    for (const id of reply.ids) {
      const words = `The tool server ${reply.server.name} ${TOO_LARGE}`
      await written(res, writeEvent({ event: 'message', data: JSON.stringify(refusalOf(id, CODE.server, words)) }))
    }
  }
  res.end()
}

/** What is not JSON is no message, and is left out; its id stays, so that the agent can ask from there. */
function shown({ data, ...event }: ServerEvent, needs: AnswerNeeds): ServerEvent {
  if (data === undefined || data === '') return data === undefined ? event : { ...event, data }
  const said = parsed(data)
  return said === undefined ? event : { ...event, data: JSON.stringify(showToAgent(said, needs)) }
}

/** Until the other side takes more, or has gone. */
function written(res: Response, text: string): Promise<void> {
  if (res.destroyed || res.write(text)) return Promise.resolve()
  return new Promise((resolve) => {
    const go = () => {
      res.off('drain', go).off('close', go)
      resolve()
    }
    res.on('drain', go).on('close', go)
  })
}
