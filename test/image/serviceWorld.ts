/** Containers of the service's image beside a Redis and the sandbox, on this machine's network. */

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { inject, onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import { ownEnvironment } from '../../src/config.ts'
import { freePort, startRedis } from '../../src/local/redis.ts'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { CONFINED, IMAGE, PODMAN } from './container.ts'

/** What test/image/build-service has made. */
export const SERVICE = ownEnvironment().ERRAND_TEST_SERVICE_IMAGE ?? 'localhost/errand:test'

/** Begins the names of the runs' containers. */
export const RUNS = `errand-image-${process.pid}`

export type Started = {
  /** The health port's answer, once there is one. */
  asked(path: string): Promise<Response>
  /** All it has said. */
  said(): string
  /** TERM, and the exit code. */
  end(): Promise<number | null>
}

/** `socket`: of the engine that makes the runs. */
export async function serviceWorld(socket: string) {
  const folder = await mkdtemp(join(tmpdir(), 'errand-service-'))
  await chmod(folder, 0o755)
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const redis = await startRedis(inject('redisServer'), join(folder, 'redis'))
  onTestFinished(() => redis.stop())
  const sandbox = await startSandbox({ port: 0, data: join(folder, 'gitlab') })
  onTestFinished(() => sandbox.close())
  const [port, doorPort] = [await freePort(), await freePort()]
  const secret = `whsec_${randomBytes(32).toString('base64')}`
  const environment = {
    ERRAND_CONFIG: '/etc/errand/errand.yaml',
    ERRAND_RUNNER: 'docker',
    ERRAND_URL: `http://127.0.0.1:${port}`,
    ERRAND_DOOR_URL: `http://127.0.0.1:${doorPort}`,
    ERRAND_KEY: randomBytes(32).toString('hex'),
    REDIS_URL: redis.url,
    GITLAB_URL: sandbox.url,
    GITLAB_TOKEN: 'glpat-demo-errand-bot',
    WEBHOOK_SECRETS: secret,
  }

  return {
    sandbox,
    secret,
    url: environment.ERRAND_URL,
    async run(command: string, user: string): Promise<Started> {
      const healthPort = await freePort()
      const file = join(folder, `${command}.yaml`)
      const settings = {
        agent: { name: 'rehearsal' },
        listen: { port },
        door: { port: doorPort },
        health: { port: healthPort },
        login: { actAs: 'developer' },
        docker: { image: IMAGE, socket: '/run/engine.sock', network: 'host', prefix: RUNS, pull: 'never' },
        pace: { quiet: 0, sweep: 1 },
      }
      await writeFile(file, stringify(settings))
      const mounts = [`${file}:/etc/errand/errand.yaml:ro`, `${socket}:/run/engine.sock`]
      const child = spawn(
        'podman',
        [
          ...PODMAN,
          ...CONFINED,
          '--tmpfs=/tmp:size=16m',
          `--user=${user}`,
          ...mounts.map((mount) => `--volume=${mount}`),
          ...Object.entries(environment).map(([name, value]) => `--env=${name}=${value}`),
          SERVICE,
          command,
        ],
        { stdio: ['ignore', 'pipe', 'pipe'] },
      )
      let said = ''
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (bytes: Buffer) => {
          said += bytes.toString()
        })
      }
      const exit = once(child, 'exit').then(([code]): number | null => code)
      onTestFinished(async () => {
        child.kill('SIGTERM')
        await exit
      })
      return {
        said: () => said,
        end() {
          child.kill('SIGTERM')
          return exit
        },
        async asked(path) {
          for (;;) {
            if (child.exitCode !== null) throw new Error(`${command} has ended: ${said}`)
            const answer = await fetch(`http://127.0.0.1:${healthPort}${path}`).catch(() => undefined)
            if (answer !== undefined) return answer
            await sleep(100)
          }
        },
      }
    },
  }
}
