/** Podman's service on a socket of its own, for the length of a test file: it answers what Docker's engine answers. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ownEnvironment } from '../../src/config.ts'

export type Podman = AsyncDisposable & { readonly socket: string }

/** runc, as it takes cgroups of either version. The limits are below those that this machine may itself be under. */
const SETTINGS = `[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
runtime = "runc"
`

/** Rejects with what podman said where it does not run here. */
export async function startPodman(): Promise<Podman> {
  const folder = mkdtempSync(join(tmpdir(), 'errand-podman-'))
  const socket = join(folder, 'podman.sock')
  const settings = join(folder, 'containers.conf')
  writeFileSync(settings, SETTINGS)
  const service = spawn('podman', ['system', 'service', '--time', '0', `unix://${socket}`], {
    env: { ...ownEnvironment(), CONTAINERS_CONF: settings },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  service.stderr.on('data', (bytes: Buffer) => {
    said += bytes.toString()
  })
  const failed = once(service, 'close').then(() => {
    throw new Error(`podman system service: ${said}`)
  })
  await Promise.race([failed, listening(socket)])
  failed.catch(() => {})
  // The service's container uses it too, as no member of any group of this machine.
  chmodSync(socket, 0o666)
  return {
    socket,
    async [Symbol.asyncDispose]() {
      await ended(service)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function listening(socket: string): Promise<void> {
  while (!existsSync(socket)) await sleep(50)
}

async function ended(service: ChildProcess): Promise<void> {
  if (service.exitCode !== null || service.signalCode !== null) return
  const gone = once(service, 'close')
  service.kill('SIGTERM')
  await gone
}
