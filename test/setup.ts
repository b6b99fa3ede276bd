/** Once for all tests: git and a Redis are there, as `npm run demo` sees to it. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { ownEnvironment } from '../src/config.ts'
import { signal } from '../src/local/processes.ts'
import { findProgram } from '../src/local/program.ts'
import { startRedis } from '../src/local/redis.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** A Redis for everybody; whoever writes to it takes a key prefix of its own. */
    redisUrl: string
    redisServer: string
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [git, redis] = [await need('git'), await need('redis')]
  const folder = await mkdtemp(join(tmpdir(), 'errand-test-'))
  const server = await startRedis(redis, folder)
  // Ctrl-C does not wait for the tear-down below.
  process.once('exit', () => signal(server.pid, 'SIGKILL'))
  project.provide('redisUrl', server.url)
  project.provide('redisServer', redis)
  console.log(`Tests use ${git} and ${redis}`)
  return async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function need(program: 'git' | 'redis'): Promise<string> {
  const found = await findProgram(program, ownEnvironment().PATH ?? '', console.log)
  if ('missing' in found) throw new Error(found.missing)
  return found.path
}
