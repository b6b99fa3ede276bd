import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listen, type openDoor } from './openDoor.ts'

export type GitRun = { readonly code: number; readonly out: string; readonly err: string }

/** A folder of its own for a test; everything in it goes with the scope it is used in. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'errand-door-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** git with no configuration but what is given. */
export function git(folder: string, ...args: string[]): Promise<GitRun> {
  const identity = Object.fromEntries(
    ['AUTHOR', 'COMMITTER'].flatMap((role) => [
      [`GIT_${role}_NAME`, 'Ada'],
      [`GIT_${role}_EMAIL`, 'ada@example.com'],
    ]),
  )
  const env = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    ...identity,
  }
  return new Promise((resolve) => {
    execFile('git', ['-C', folder, ...args], { env, maxBuffer: 64 * 1024 * 1024 }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err }),
    )
  })
}

/** The same, for what must work: gives what was printed. */
export async function gitOk(folder: string, ...args: string[]): Promise<string> {
  const { code, out, err } = await git(folder, ...args)
  if (code !== 0) throw new Error(`git ${args.join(' ')}: ${err}`)
  return out.trim()
}

/** The configuration with which a container's git passes the door. */
export function throughDoor({ credential }: Pick<Awaited<ReturnType<typeof openDoor>>, 'credential'>): string[] {
  const basic = Buffer.from(`errand:${credential}`).toString('base64')
  return ['-c', `http.extraHeader=Authorization: Basic ${basic}`]
}

export const AUTHORIZATION = `Basic ${Buffer.from('oauth2:glpat-THE-REAL-TOKEN').toString('base64')}`

/**
 * A GitLab as far as git sees it: `group/project.git`, served by git's own http-backend to whoever has AUTHORIZATION.
 * `instead` may answer a request itself, and then gives true.
 */
export async function gitServer(instead: (req: IncomingMessage, res: ServerResponse) => boolean = () => false) {
  const folder = await temporaryFolder()
  const repository = join(folder.path, 'group', 'project.git')
  await gitOk(folder.path, 'init', '--quiet', '--bare', '--initial-branch=main', repository)
  await gitOk(repository, 'config', 'http.receivepack', 'true')
  await gitOk(repository, 'config', 'uploadpack.allowFilter', 'true')
  const seed = join(folder.path, 'seed')
  await gitOk(folder.path, 'clone', '--quiet', repository, seed)
  await gitOk(seed, 'commit', '--quiet', '--allow-empty', '-m', 'The first')
  await gitOk(seed, 'push', '--quiet', 'origin', 'HEAD:main')
  const seen: IncomingMessage[] = []
  const server = await listen((req, res) => {
    seen.push(req)
    if (instead(req, res)) return
    if (req.headers.authorization === AUTHORIZATION) serve(folder.path, req, res)
    else
      res
        .writeHead(401, { 'www-authenticate': 'Basic realm="GitLab"', 'content-type': 'text/plain' })
        .end('HTTP Basic: Access denied')
  })
  return {
    repository,
    seed,
    /** Every request that arrived. */
    seen,
    url: `${server.url}/group/project.git`,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** CGI: what a web server does for git http-backend. */
function serve(root: string, req: IncomingMessage, res: ServerResponse): void {
  const { pathname, search } = new URL(req.url ?? '/', 'http://git')
  const header = (name: string) => String(req.headers[name] ?? '')
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      HOME: root,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      REMOTE_USER: 'bot',
      REQUEST_METHOD: req.method,
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      CONTENT_TYPE: header('content-type'),
      CONTENT_LENGTH: header('content-length'),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      GIT_PROTOCOL: header('git-protocol'),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  child.stdin.on('error', () => {})
  req.pipe(child.stdin)
  res.on('close', () => child.kill())
  let head = Buffer.alloc(0)
  child.stdout.on('data', function begin(chunk: Buffer) {
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    child.stdout.off('data', begin)
    const fields = head
      .toString('latin1', 0, end)
      .split('\r\n')
      .map((line) => line.split(': ', 2))
    const status = Number.parseInt(fields.find(([name]) => name === 'Status')?.[1] ?? '200', 10)
    res.writeHead(status, Object.fromEntries(fields.filter(([name]) => name !== 'Status')))
    res.write(head.subarray(end + 4))
    child.stdout.pipe(res)
  })
}
