/** Containers of the built image as a cluster makes them: any user, no capability, a root that nobody writes to. */

import { execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'
import { ownEnvironment } from '../../src/config.ts'

/** What test/image/build has made. */
export const IMAGE = ownEnvironment().ERRAND_TEST_IMAGE ?? 'localhost/errand-runtime:test'

/** The image's own user, and one that /etc/passwd does not know. */
export const USERS = ['1000:1000', '54321:54321'] as const

/** runc, as it takes cgroups of either version. The limits are below those that this machine may itself be under. */
export const PODMAN = [
  '--runtime',
  'runc',
  'run',
  '--rm',
  '--network',
  'host',
  '--ulimit',
  'nofile=4096',
  '--ulimit',
  'nproc=4096',
]
/** What src/kubernetes/job.ts asks of a cluster. */
export const CONFINED = ['--read-only', '--read-only-tmpfs=false', '--cap-drop=ALL', '--security-opt=no-new-privileges']
const TEMPORARY = ['--tmpfs', '/tmp:mode=1777,exec']

export type Wish = {
  readonly user: string
  readonly name?: string
  /** Paths of this machine by their paths in the container; `:ro` at the end of a value: read only. */
  readonly mounts?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  /** Instead of the image's own. */
  readonly entrypoint?: string
}

function commandLine(wish: Wish, args: readonly string[]): string[] {
  const mounts = Object.entries(wish.mounts ?? {}).flatMap(([to, from]) => {
    const [path, mode = 'rw'] = from.split(':')
    return ['--volume', `${path}:${to}:${mode}`]
  })
  const workspace =
    wish.mounts !== undefined && '/workspace' in wish.mounts ? [] : ['--tmpfs', '/workspace:mode=1777,exec']
  return [
    ...PODMAN,
    ...CONFINED,
    ...TEMPORARY,
    ...workspace,
    ...mounts,
    ...Object.entries(wish.env ?? {}).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    ...(wish.name === undefined ? [] : ['--name', wish.name]),
    ...(wish.entrypoint === undefined ? [] : ['--entrypoint', wish.entrypoint]),
    '--user',
    wish.user,
    IMAGE,
    ...args,
  ]
}

/** Starts a container whose words go where the tests' own go. */
export function startContainer(wish: Wish, args: readonly string[] = []) {
  return spawn('podman', commandLine(wish, args), { stdio: ['ignore', 'inherit', 'inherit'] })
}

/** Runs a script of bash in a container; throws what it said when it fails. */
export async function script(text: string, wish: Wish): Promise<string> {
  const args = commandLine({ ...wish, entrypoint: '/bin/bash' }, ['-euc', text])
  const { stdout } = await promisify(execFile)('podman', args, { maxBuffer: 64 * 1024 * 1024 })
  return stdout.trim()
}

/** What podman says about an image. */
export async function inspect<T>(format: string, image = IMAGE): Promise<T> {
  const { stdout } = await promisify(execFile)('podman', ['image', 'inspect', '--format', `{{json ${format}}}`, image])
  return JSON.parse(stdout) as T
}
