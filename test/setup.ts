/** Once for all tests: git, a Redis and a browser are there, as `npm run demo` sees to it for the first two. */

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
    /** The browser in which the pages are tried. */
    chromium: string
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [git, redis, chromium] = [await need('git'), await need('redis'), await need('chromium')]
  const folder = await mkdtemp(join(tmpdir(), 'errand-test-'))
  const server = await startRedis(redis, folder)
  // Ctrl-C does not wait for the tear-down below.
  process.once('exit', () => signal(server.pid, 'SIGKILL'))
  project.provide('redisUrl', server.url)
  project.provide('redisServer', redis)
  project.provide('chromium', chromium)
  console.log(`Tests use ${git}, ${redis} and ${chromium}`)
  return async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function need(program: 'git' | 'redis' | 'chromium'): Promise<string> {
  const found = await findProgram(program, ownEnvironment().PATH ?? '', console.log)
  if ('missing' in found) throw new Error(found.missing)
  return found.path
}
