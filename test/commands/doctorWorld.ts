/** All that the doctor looks at, in good order, and the doctor itself as a person calls it. A test plants its fault. */

import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Redis } from 'ioredis'
import { inject, onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import { diagnose } from '../../src/commands/doctor.ts'
import type { Finding } from '../../src/commands/finding.ts'
import { serve } from '../../src/commands/serve.ts'
import { ownEnvironment, readConfig } from '../../src/config.ts'
import { freePort, startRedis } from '../../src/local/redis.ts'
import { createLogger } from '../../src/log.ts'
import { type Cluster, openCluster, type Script } from '../kubernetes/standIn/cluster.ts'
import { ends, runningStatus, terminatedStatus } from '../kubernetes/standIn/scripts.ts'
import { startModel } from '../models/server.ts'
import { startedSandbox, tempFolder } from '../sandbox/startedSandbox.ts'

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname
const SECRET = 'a-webhook-secret-of-this-world'

export type Report = { readonly wrong: number; readonly findings: readonly Finding[] }

/** What a pod tells of what it reaches. */
export function tells(told: readonly { name: string; reached: boolean; why: string }[]): Script {
  return async (actor) => {
    actor.show(runningStatus())
    actor.log(`errand-reach ${JSON.stringify(told)}\n`)
    actor.show(terminatedStatus({ exitCode: 0 }))
  }
}

/** The pod does what its Job says, as a process of this machine. */
export const obeys: Script = async (actor) => {
  const [, ...args] = actor.job.spec?.template.spec?.containers[0]?.command ?? []
  actor.show(runningStatus())
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const said = await Promise.all([text(child.stdout), text(child.stderr)])
  actor.log(said.join(''))
  actor.show(terminatedStatus({ exitCode: 0 }))
}

/** The pod of a run reaches the door; one that is to tell what it reaches says that it reaches nothing. */
export const GOOD: Cluster['script'] = (job) =>
  job.spec?.template.spec?.containers[0]?.command === undefined
    ? ends(10, { exitCode: 20 })
    : tells([{ name: 'the API server', reached: false, why: 'no answer' }])

export async function doctorWorld() {
  const { sandbox, ask } = await startedSandbox()
  const folder = tempFolder()
  const redis = await startRedis(inject('redisServer'), join(folder, 'redis'))
  onTestFinished(() => redis.stop())
  const memory = new Redis(redis.url)
  onTestFinished(() => memory.disconnect())
  const model = await startModel({ steps: [] })
  onTestFinished(() => model.close())
  const cluster = await openCluster(ends(10))
  onTestFinished(() => cluster[Symbol.asyncDispose]())
  cluster.script = GOOD
  const kubeconfig = join(folder, 'kubeconfig')
  await writeFile(kubeconfig, cluster.server.config().exportConfig())
  const port = await freePort()
  const settings = {
    agent: { name: 'claude' },
    listen: { port },
    pace: { gitlabTimeout: 5, gitlabBackoff: 0.05 },
    kubernetes: { image: 'registry.example.com/runtime:1', namespace: 'runs', kubeconfig },
  }
  const file = join(folder, 'errand.yaml')
  const environment: Record<string, string | undefined> = {
    PATH: ownEnvironment().PATH,
    ERRAND_CONFIG: file,
    GITLAB_URL: sandbox.url,
    GITLAB_TOKEN: 'glpat-demo-errand-bot',
    WEBHOOK_SECRETS: SECRET,
    REDIS_URL: redis.url,
    ERRAND_URL: `http://127.0.0.1:${port}`,
    ERRAND_DOOR_URL: 'http://errand-door.errand:8081',
    ERRAND_KEY: 'k'.repeat(64),
    ANTHROPIC_BASE_URL: model.url,
    ANTHROPIC_API_KEY: 'sk-ant-of-this-world',
  }
  await writeFile(file, stringify(settings))
  const serving = await serve(readConfig(environment), createLogger('silent'))
  onTestFinished(() => serving[Symbol.asyncDispose]())

  return {
    sandbox,
    ask,
    redis: memory,
    cluster,
    url: `http://127.0.0.1:${port}`,
    /** `changes` of the environment, and `more` of the file's `kubernetes` and of the file. */
    async doctor(changes: Record<string, string | undefined> = {}, more: object = {}): Promise<Report> {
      await write(more)
      const findings = await Array.fromAsync(diagnose({ ...environment, ...changes }))
      return { findings, wrong: findings.flatMap(({ wrong }) => wrong).length }
    },
    /** As a person calls it. */
    async process(more: object = {}, ...args: readonly string[]): Promise<{ said: string; exit: number | null }> {
      await write(more)
      return errand('doctor', ...args)
    },
    /** Another command, and what it prints. */
    command: async (...args: readonly string[]): Promise<string> => (await errand(...args)).said,
  }

  async function errand(...args: readonly string[]): Promise<{ said: string; exit: number | null }> {
    const child = spawn(process.execPath, [MAIN, ...args], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = new Promise<number | null>((done) => child.once('close', done))
    return { said: await text(child.stdout), exit: await ended }
  }

  async function write(more: object): Promise<void> {
    const kubernetes = 'kubernetes' in more ? (more.kubernetes as object) : {}
    await writeFile(file, stringify({ ...settings, ...more, kubernetes: { ...settings.kubernetes, ...kubernetes } }))
  }
}
