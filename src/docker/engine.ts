/** The calls that we make of Docker's Engine API, over its socket. Podman's service answers them too. */

import { Agent, request } from 'undici'
import { z } from 'zod'
import type { Wanted } from './container.ts'
import { DockerError, isMissing } from './failure.ts'
import { OURS } from './labels.ts'

/** Old enough for every engine in use, and what podman speaks. */
const VERSION = 'v1.41'
const TIMEOUT = 30_000
/** Milliseconds in which an image comes, or at least a word about it. */
const PULLING = 600_000

const Labels = z
  .record(z.string(), z.string())
  .nullish()
  .transform((labels) => labels ?? {})
const Listed = z.array(z.object({ Id: z.string(), State: z.string(), Labels }))
const Inspected = z.object({
  Id: z.string(),
  Created: z.string(),
  State: z.object({
    Status: z.string(),
    ExitCode: z.number(),
    OOMKilled: z.boolean(),
    Error: z.string().optional(),
    StartedAt: z.string(),
    FinishedAt: z.string(),
  }),
  Config: z.object({ Labels }),
  HostConfig: z.object({ Memory: z.number().optional() }),
})

const Version = z.object({ Components: z.array(z.object({ Name: z.string(), Version: z.string() })).default([]) })
const Network = z.object({ Internal: z.boolean() })

/** A container in a list. */
export type Listed = z.output<typeof Listed>[number]
/** A container in full. */
export type Container = z.output<typeof Inspected>
export type Engine = ReturnType<typeof connectEngine>

export function connectEngine(socket: string) {
  const dispatcher = new Agent({ connect: { socketPath: socket }, connections: 32 })

  async function call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, options: CallOptions = {}) {
    const { body, type = 'application/json', patience = TIMEOUT } = options
    const answer = await request(`http://engine/${VERSION}${path}`, {
      dispatcher,
      method,
      headersTimeout: patience,
      bodyTimeout: patience,
      ...(body === undefined ? {} : { body, headers: { 'content-type': type } }),
    })
      .then(async ({ statusCode, body }) => ({ status: statusCode, bytes: Buffer.from(await body.arrayBuffer()) }))
      .catch((cause: Error) => {
        throw new DockerError(`${socket} does not answer: ${cause.message}`, undefined, { cause })
      })
    if (answer.status >= 400) throw new DockerError(wordsOf(answer.bytes), answer.status)
    return answer.bytes
  }
  const json = (bytes: Buffer): unknown => JSON.parse(bytes.toString('utf8'))
  const at = (name: string, rest: string) => `/containers/${encodeURIComponent(name)}${rest}`

  return {
    async ping(): Promise<void> {
      await call('GET', '/_ping')
    },
    /** The engine's name and version in a few words. */
    async version(): Promise<string> {
      const { Components } = Version.parse(json(await call('GET', '/version')))
      const [engine] = Components
      return engine === undefined ? 'an engine without a name' : `${engine.Name} ${engine.Version}`
    },
    async hasImage(image: string): Promise<boolean> {
      return (await missingIsNothing(call('GET', `/images/${encodeURIComponent(image)}/json`))) !== undefined
    },
    /** Whether a network leads nowhere else; undefined where there is none of that name. */
    async isInternal(network: string): Promise<boolean | undefined> {
      const found = await missingIsNothing(call('GET', `/networks/${encodeURIComponent(network)}`))
      return found === undefined ? undefined : Network.parse(json(found)).Internal
    },
    /** All containers with this prefix that also have these labels, running or not. */
    async list(prefix: string, labels: readonly string[] = []): Promise<readonly Listed[]> {
      const filters = encodeURIComponent(JSON.stringify({ label: [`${OURS}=${prefix}`, ...labels] }))
      return Listed.parse(json(await call('GET', `/containers/json?all=true&filters=${filters}`)))
    },
    async inspect(name: string): Promise<Container | undefined> {
      const found = await missingIsNothing(call('GET', at(name, '/json')))
      return found === undefined ? undefined : Inspected.parse(json(found))
    },
    async create(name: string, wanted: Wanted): Promise<void> {
      await call('POST', `/containers/create?name=${encodeURIComponent(name)}`, { body: JSON.stringify(wanted) })
    },
    /** Unpacks an archive in a folder of a container, which need not run. */
    async put(name: string, folder: string, tar: Buffer): Promise<void> {
      const path = at(name, `/archive?path=${encodeURIComponent(folder)}`)
      await call('PUT', path, { body: tar, type: 'application/x-tar' })
    },
    /** A file of a container, as an archive; undefined where there is none. */
    read: (name: string, path: string): Promise<Buffer | undefined> =>
      missingIsNothing(call('GET', at(name, `/archive?path=${encodeURIComponent(path)}`))),
    /** Started already is as good. */
    async start(name: string): Promise<void> {
      await call('POST', at(name, '/start'))
    },
    /** Asks it to end, waits, and ends it by force after so many seconds. */
    async stop(name: string, seconds: number): Promise<void> {
      await missingIsNothing(call('POST', at(name, `/stop?t=${seconds}`), { patience: TIMEOUT + seconds * 1000 }))
    },
    /** With its volumes, whatever state it is in. */
    async remove(name: string): Promise<void> {
      await missingIsNothing(call('DELETE', at(name, '?force=true&v=true'), { patience: 2 * TIMEOUT }))
    },
    /** What it wrote to stdout and stderr, the end of it. */
    logs: (name: string): Promise<Buffer> => call('GET', at(name, '/logs?stdout=true&stderr=true&tail=2000')),
    async pull(image: string): Promise<void> {
      const tagged = /[:@][^/]*$/.test(image) ? image : `${image}:latest`
      const path = `/images/create?fromImage=${encodeURIComponent(tagged)}`
      const told = (await call('POST', path, { patience: PULLING })).toString('utf8')
      // What went wrong on the way comes after the 200.
      const error = told.split('\n').flatMap((line) => Pulled.safeParse(parsed(line)).data?.error ?? [])[0]
      if (error !== undefined) throw new DockerError(error, 500)
    },
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  }
}

type CallOptions = { readonly body?: string | Buffer; readonly type?: string; readonly patience?: number }

const Pulled = z.object({ error: z.string() })
const Refusal = z.object({ message: z.string() })

function wordsOf(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  return Refusal.safeParse(parsed(text)).data?.message ?? text.trim()
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function missingIsNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
