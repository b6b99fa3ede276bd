/** A task's log: bytes of it, where its lines are, where a text is. */

import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Request, Response } from 'express'
import { z } from 'zod'
import type { Person, Task } from '../tasks/task.ts'
import type { Access } from './access.ts'
import type { ApiNeeds } from './apiNeeds.ts'
import { json, type Reply, type Route, route } from './route.ts'
import { idSchema, NO_TASK } from './taskRoutes.ts'
import { logLinesSchema, logMatchesSchema } from './viewSchema.ts'

const TEXT = { 'text/plain; charset=utf-8': z.string() }
const GONE = { about: 'There is none, or it is not for you.' }

/** What a caller may do with the log of this task; a 404 or 403 where nothing. */
export async function readable(access: Access, person: Person, id: string): Promise<Task | Reply> {
  const task = await access.task(person, id)
  if (task === undefined) return NO_TASK
  if (await access.reads(person, task)) return task
  return {
    problem: 403,
    detail: 'Not everybody may read what was asked here: its log is for who asked, and for Reporters and up.',
  }
}

export function isTask(found: Task | Reply): found is Task {
  return typeof found === 'object' && 'state' in found
}

export function logRoutes(needs: ApiNeeds, access: Access): readonly Route[] {
  const { log } = needs
  return [
    route({
      method: 'get',
      path: '/api/tasks/{id}/log',
      summary: 'Its log, or the bytes of it that a Range names',
      cost: { of: 'read', points: 1 },
      takes: {
        params: idSchema,
        query: z.object({
          download: z.enum(['0', '1']).optional().meta({ description: '1: as a file to keep.' }),
        }),
      },
      answers: {
        200: { about: 'All of it, as far as it has come.', content: TEXT },
        206: {
          about: 'The bytes that were asked for.',
          content: TEXT,
          headers: { 'Content-Range': 'Which these are.' },
        },
        400: { about: 'The query is not as it should be.' },
        404: GONE,
        416: { about: 'It has no such bytes.', headers: { 'Content-Range': 'How many it has.' } },
      },
      async handle({ caller, params, query, request, response }) {
        const task = await readable(access, caller.person, params.id)
        if (!isTask(task)) return task
        const { size } = await log.facts(task.id)
        response.set({
          'Content-Type': 'text/plain; charset=utf-8',
          'Accept-Ranges': 'bytes',
          // Where a browser shows it after all, it is in no site of ours.
          'Content-Security-Policy': "default-src 'none'; sandbox",
        })
        if (query.download === '1') response.attachment(`${task.id}.log`).type('text/plain; charset=utf-8')
        const range = rangeOf(request, size)
        if (range === 'outside') {
          response.removeHeader('Content-Disposition')
          response.set('Content-Range', `bytes */${size}`)
          return { problem: 416, detail: `The log has ${size} bytes so far.` }
        }
        const { from, to } = range ?? { from: 0, to: size }
        if (range !== undefined) response.status(206).set('Content-Range', `bytes ${from}-${to - 1}/${size}`)
        response.set('Content-Length', String(to - from))
        if (request.method === 'HEAD') response.end()
        else await send(log.stream(task.id, from, to), response)
        return 'sent'
      },
    }),
    route({
      method: 'get',
      path: '/api/tasks/{id}/log/lines',
      summary: 'Where the lines of its log are',
      cost: { of: 'read', points: 1 },
      takes: { params: idSchema },
      answers: { 200: json('The newlines before each chunk.', logLinesSchema), 404: GONE },
      async handle({ caller, params }) {
        const task = await readable(access, caller.person, params.id)
        return isTask(task) ? { status: 200, body: await log.lines(task.id) } : task
      },
    }),
    route({
      method: 'get',
      path: '/api/tasks/{id}/log/search',
      summary: 'The lines of its log that hold a text, whatever the case; at most 1000',
      // It reads all of the log, which may be 64 MB.
      cost: { of: 'read', points: 10 },
      takes: {
        params: idSchema,
        query: z.object({ q: z.string({ error: 'Say what to look for.' }).min(1, 'Say what to look for.').max(200) }),
      },
      answers: {
        200: json('Where it is.', logMatchesSchema),
        400: { about: 'The query does not say what to look for.' },
        404: GONE,
      },
      async handle({ caller, params, query, response }) {
        const task = await readable(access, caller.person, params.id)
        if (!isTask(task)) return task
        const left = new AbortController()
        response.once('close', () => left.abort())
        const found = await log.search(task.id, query.q, left.signal).catch((error: unknown) => {
          if (left.signal.aborted) return undefined
          throw error
        })
        return found === undefined ? 'sent' : { status: 200, body: found }
      },
    }),
  ]
}

/** Undefined where all is wanted. Several ranges at once are not answered as such, and If-Range has nothing to go by: then it is all. */
function rangeOf(request: Request, size: number): { from: number; to: number } | 'outside' | undefined {
  if (request.method !== 'GET' || request.headers['if-range'] !== undefined) return undefined
  // The last N bytes of less than N are all of it (RFC 9110, 14.1.2), which the library takes for outside.
  const last = /^bytes=-(\d+)$/.exec(request.headers.range ?? '')?.[1]
  if (last !== undefined && size > 0 && Number(last) >= size) return { from: 0, to: size }
  const ranges = request.range(size)
  if (ranges === undefined || ranges === -2) return undefined
  if (ranges === -1) return 'outside'
  const [range, ...more] = ranges
  if (ranges.type !== 'bytes' || range === undefined || more.length > 0) return undefined
  return { from: range.start, to: range.end + 1 }
}

/** As fast as it is read, in memory that does not grow. Who goes away before the end is no error. */
async function send(pieces: AsyncIterable<Buffer>, response: Response): Promise<void> {
  await pipeline(Readable.from(pieces, { objectMode: false, highWaterMark: 64 * 1024 }), response).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE' && error.code !== 'ECONNRESET' && error.code !== 'EPIPE')
        throw error
    },
  )
}
