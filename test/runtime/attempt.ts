/** One attempt for tests: a repository, a door and the real entrypoint as a process. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { LastWords, Request } from '../../runtime/protocol.ts'
import { CREDENTIAL, openStandInDoor, type StandInDoor } from './standInDoor.ts'

const ENTRYPOINT = new URL('../../runtime/entrypoint.ts', import.meta.url).pathname
const BRANCH = 'agent/42-n1337'

export type Attempt = {
  readonly folder: string
  /** The project's repository. */
  readonly bare: string
  readonly workspace: string
  readonly door: StandInDoor
  /** git over the bare repository, trimmed. */
  git(...args: string[]): string
  /** Makes a commit on `branch` as a person would, by a clone. */
  commit(branch: string, files: Readonly<Record<string, string>>): void
  /** The same with one symbolic link. */
  link(branch: string, path: string, target: string): void
  /** Puts an executable named `claude` onto the entrypoint's PATH. */
  standIn(script: string): void
  start(env?: Readonly<Record<string, string>>): ChildProcess
  /** Starts and waits for the exit code. */
  run(env?: Readonly<Record<string, string>>): Promise<number | null>
  lastWords(): LastWords
  /** Another run of the same project at the same door, in a container of its own. */
  again(request: Partial<Request>): void
  /** A further project, bare, on the same machine; `main` has the files. */
  project(name: string, files: Readonly<Record<string, string>>): string
}

export type Wish = {
  readonly files?: Readonly<Record<string, string>>
  readonly prompt?: string
  readonly agent?: string
  readonly limits?: Partial<Request['limits']>
  readonly request?: Partial<Request>
}

export const READY = {
  'README.md': '# Shop\n',
  'CLAUDE.md': 'Be brief.\n',
  'agent-setup.sh': 'echo set up\n',
  'src/a.ts': 'export {}\n',
}

export async function newAttempt(wish: Wish = {}): Promise<Attempt> {
  const folder = mkdtempSync(join(tmpdir(), 'errand-runtime-'))
  const bare = join(folder, 'project.git')
  const workspace = join(folder, 'workspace')
  const bin = join(folder, 'bin')
  for (const one of [workspace, bin]) mkdirSync(one)
  writeFileSync(join(folder, 'credential'), `${CREDENTIAL}\n`)

  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    ...Object.fromEntries(
      ['AUTHOR', 'COMMITTER'].flatMap((who) => [
        [`GIT_${who}_NAME`, 'Person'],
        [`GIT_${who}_EMAIL`, 'person@example.com'],
      ]),
    ),
  }
  const call = (cwd: string, args: readonly string[]) =>
    execFileSync('git', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
  const init = (path: string) => {
    call(folder, ['init', '--quiet', '--bare', '-b', 'main', path])
    for (const setting of ['uploadpack.allowFilter', 'uploadpack.allowAnySHA1InWant', 'http.receivepack'])
      call(path, ['config', setting, 'true'])
  }
  init(bare)

  const commitTo = (repository: string, branch: string, files: Readonly<Record<string, string>>, links = {}) => {
    const clone = mkdtempSync(join(folder, 'person-'))
    call(folder, ['clone', '--quiet', repository, clone])
    const known = call(clone, ['branch', '--remotes', '--list', `origin/${branch}`]) !== ''
    call(clone, known ? ['switch', '--quiet', branch] : ['switch', '--quiet', '-c', branch])
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(clone, path)), { recursive: true })
      writeFileSync(join(clone, path), text)
    }
    for (const [path, target] of Object.entries<string>(links)) symlinkSync(target, join(clone, path))
    call(clone, ['add', '--all', '--force'])
    call(clone, ['commit', '--quiet', '-m', `Change ${Object.keys(files).join(', ')}`])
    call(clone, ['push', '--quiet', 'origin', branch])
  }
  const commit: Attempt['commit'] = (branch, files) => commitTo(bare, branch, files)
  commit('main', wish.files ?? READY)

  const request: Request = {
    protocol: 1,
    task: '42-n1337',
    attempt: 1,
    project: 'demo/shop',
    branch: BRANCH,
    base: 'main',
    defaultBranch: 'main',
    prompt: wish.prompt ?? 'Fix the typo.',
    subject: 'Fix the typo',
    agent: { name: wish.agent ?? 'rehearsal' },
    mode: 'do',
    session: false,
    discreet: false,
    steeredBy: 'branch',
    clone: { filter: 'blob:none' },
    tools: [],
    repositoryTools: false,
    gitlab: 'https://gitlab.example.com',
    author: { name: 'Errand', email: 'errand@example.com' },
    trailers: ['Co-authored-by: Dev <dev@example.com>', 'Errand-Task: 42-n1337'],
    limits: { clone: 60, setup: 60, agent: 60, stuck: 60, push: 60, ...wish.limits },
    ...wish.request,
  }
  const door = await openStandInDoor(bare, request)

  const start: Attempt['start'] = (extra = {}) =>
    spawn(process.execPath, [ENTRYPOINT], {
      env: {
        PATH: `${bin}:${process.env.PATH}`,
        HOME: folder,
        ERRAND_DOOR: door.url,
        ERRAND_CREDENTIAL_FILE: join(folder, 'credential'),
        ERRAND_WORKSPACE: workspace,
        ERRAND_TERMINATION_FILE: join(folder, 'last-words'),
        SECRET_OF_THE_OPERATOR: 'must-not-be-seen',
        ...extra,
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    })

  onTestFinished(async () => {
    await door.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  })
  return {
    folder,
    bare,
    workspace,
    door,
    git: (...args) => call(bare, args),
    commit,
    link: (branch, path, target) => commitTo(bare, branch, {}, { [path]: target }),
    standIn(script) {
      writeFileSync(join(bin, 'claude'), script)
      chmodSync(join(bin, 'claude'), 0o755)
    },
    start,
    run: (extra) => exitOf(start(extra)),
    lastWords: () => {
      const file = join(folder, 'last-words')
      return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as LastWords) : {}
    },
    again(changes) {
      rmSync(workspace, { recursive: true })
      mkdirSync(workspace)
      door.begin({ ...door.request, ...changes })
    },
    project(name, its) {
      const path = join(folder, `${name.replaceAll('/', '-')}.git`)
      init(path)
      commitTo(path, 'main', its)
      return path
    },
  }
}

export { BRANCH }

export function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((done) => child.once('exit', (code) => done(code)))
}

/** Waits until `ready` is true; fails after 20 seconds. */
export async function until(ready: () => boolean): Promise<void> {
  const patience = Date.now() + 20_000
  while (!ready()) {
    if (Date.now() > patience) throw new Error(`still not: ${ready}`)
    await new Promise((done) => setTimeout(done, 20))
  }
}
