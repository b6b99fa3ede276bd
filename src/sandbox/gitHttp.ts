import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, cpSync, readdirSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as wait } from 'node:timers/promises'
import type { Request, RequestHandler, Response } from 'express'
import { canReadCode, projectNamed, role, roles } from './access.ts'
import type { CallCounts } from './callCounts.ts'
import { cgiHead } from './cgi.ts'
import type { Deliveries } from './deliveries.ts'
import type { Person, Project } from './entities.ts'
import { faultCounter } from './faults.ts'
import { recordEvents } from './hookEventLog.ts'
import { mayPushTo, protectionsOf } from './protectedBranches.ts'
import { pushesFolder, takePush } from './pushes.ts'
import { Refusal } from './refusal.ts'
import { requireScope, tokenOf } from './tokens.ts'
import type { Deed, World } from './world.ts'

const services = /^\/(.+?)\.git(\/(?:info\/refs|git-upload-pack|git-receive-pack))$/
const denied =
  'HTTP Basic: Access denied. If a password was provided for Git authentication, the password was incorrect or you must use a token instead.\n'

/** git over HTTP by git's own http-backend, with GitLab's refusals. Bodies are streamed in both directions. */
export function gitHttp(world: World, deliveries: Deliveries, counts: CallCounts): RequestHandler {
  const faultOf = faultCounter()
  return async (req, res, next) => {
    const [, path, service] = services.exec(req.path) ?? []
    if (path === undefined || service === undefined) return next()
    const { delayMs, failure } = faultOf(world.faults.git, `${req.method} ${req.path}`)
    if (delayMs > 0) await wait(delayMs)
    if (failure !== undefined && !failure.afterCommit) return refuse(res, failure.status, 'GitLab is not available.\n')
    const pushes = service === '/git-receive-pack' || req.query.service === 'git-receive-pack'
    const admitted = admit(world, req, path, pushes)
    counts.count(admitted.person?.username ?? null, req.method, pushes ? 'git-receive-pack' : 'git-upload-pack')
    if (admitted.refused !== undefined) return refuse(res, admitted.refused.status, admitted.refused.text)
    const { project, person } = admitted
    // The answer is swallowed when it shall be lost: the work is done all the same.
    const outbox = await serve(world, req, res, { project, person, service, silent: failure?.afterCommit === true })
    if (failure?.afterCommit === true) refuse(res, 502, 'Bad Gateway\n')
    else res.end()
    deliveries.send(outbox)
  }
}

type Admission =
  | { readonly refused: { status: number; text: string }; readonly person: Person | undefined }
  | { readonly refused: undefined; readonly person: Person | undefined; readonly project: Project }

function admit(world: World, req: Request, path: string, pushes: boolean): Admission {
  const person = caller(world, req, pushes)
  if (person === 'denied') return { refused: { status: 401, text: denied }, person: undefined }
  const project = projectNamed(world, person, path)
  if (project === undefined && person !== undefined) {
    const text = "The project you were looking for could not be found or you don't have permission to view it.\n"
    return { refused: { status: 404, text }, person }
  }
  // Nobody is not told which projects exist.
  if (project === undefined || (pushes && person === undefined))
    return { refused: { status: 401, text: denied }, person }
  if (pushes && (project.archived || role(world, person, project) < roles.developer)) {
    return { refused: { status: 403, text: 'You are not allowed to upload code.\n' }, person }
  }
  if (!canReadCode(world, person, project)) {
    return { refused: { status: 403, text: 'You are not allowed to download code from this project.\n' }, person }
  }
  return { refused: undefined, person, project }
}

/** The user name does not matter: the token says who it is. */
function caller(world: World, req: IncomingMessage, pushes: boolean): Person | undefined | 'denied' {
  const basic = /^Basic (.+)$/i.exec(req.headers.authorization ?? '')?.[1]
  if (basic === undefined) return undefined
  const text = Buffer.from(basic, 'base64').toString('utf8')
  try {
    const token = tokenOf(world, text.slice(text.indexOf(':') + 1))
    requireScope(token, pushes ? ['api', 'write_repository'] : ['api', 'read_repository', 'write_repository'])
    return world.people.get(token.personId) ?? 'denied'
  } catch (error) {
    if (error instanceof Refusal) return 'denied'
    throw error
  }
}

function refuse(res: Response, status: number, text: string): void {
  if (status === 401) res.setHeader('WWW-Authenticate', 'Basic realm="GitLab"')
  res.status(status).type('text/plain').send(text)
}

type Service = {
  readonly project: Project
  readonly person: Person | undefined
  readonly service: string
  readonly silent: boolean
}

/** Runs git for one request, and gives the webhook events that a push caused. */
async function serve(world: World, req: Request, res: Response, asked: Service): Promise<number[]> {
  const { project, person, service } = asked
  const outbox: number[] = []
  const file = join(pushesFolder(world), `${project.id}-${person?.id ?? 0}-${randomUUID()}`)
  const child = world.git.start(['http-backend'], environment(world, req, asked, file))
  child.stderr.resume()
  const ended = once(child, 'close')
  // A client that goes away closes git's input; git then ends by itself, after what was received whole is done.
  pipeline(req, child.stdin).catch(() => {})
  let waiting: Buffer | undefined = Buffer.alloc(0)
  for await (const chunk of child.stdout) {
    if (asked.silent || !(chunk instanceof Buffer)) continue
    if (waiting === undefined) await write(res, chunk)
    else {
      const head = cgiHead(Buffer.concat([waiting, chunk]))
      waiting = head === undefined ? Buffer.concat([waiting, chunk]) : undefined
      if (head === undefined) continue
      res.status(head.status)
      for (const [name, value] of head.headers) res.setHeader(name, value)
      await write(res, head.rest)
    }
  }
  await ended
  if (service !== '/git-receive-pack' || person === undefined) return outbox
  const deed: Deed = {
    world,
    person,
    tell: (flag, about, payload) => outbox.push(...recordEvents(world, flag, about, payload)),
  }
  await takePush(deed, project, file)
  return outbox
}

/** Writes at the reader's pace; a reader that went away loses the rest, but git is still listened to until it ends. */
async function write(res: Response, chunk: Buffer): Promise<void> {
  if (res.destroyed || chunk.length === 0 || res.write(chunk)) return
  await Promise.race([once(res, 'drain'), once(res, 'close')])
}

function environment(world: World, req: Request, asked: Service, file: string): Record<string, string> {
  const { project, person, service } = asked
  const settings = {
    'core.hooksPath': join(world.data, 'hooks'),
    'http.receivepack': 'true',
    'uploadpack.allowFilter': 'true',
    'uploadpack.allowAnySHA1InWant': 'true',
    'receive.autogc': 'false',
  }
  const config = Object.entries(settings).flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ])
  const header = (name: string) => req.get(name) ?? ''
  const length = header('content-length')
  return {
    ...Object.fromEntries(config),
    GIT_CONFIG_COUNT: String(Object.keys(settings).length),
    GIT_PROJECT_ROOT: join(world.data, 'repositories'),
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_PROTOCOL: header('git-protocol'),
    PATH_INFO: `/${project.id}.git${service}`,
    REQUEST_METHOD: req.method,
    QUERY_STRING: req.originalUrl.split('?')[1] ?? '',
    CONTENT_TYPE: header('content-type'),
    HTTP_CONTENT_ENCODING: header('content-encoding'),
    REMOTE_ADDR: req.socket.remoteAddress ?? '',
    REMOTE_USER: person?.username ?? '',
    // Left out for a chunked body, which ends when it ends.
    ...(length === '' ? {} : { CONTENT_LENGTH: length }),
    SANDBOX_PUSH: file,
    SANDBOX_DEFAULT: project.defaultBranch,
    SANDBOX_MAINTAINS: role(world, person, project) >= roles.maintainer ? 'yes' : 'no',
    SANDBOX_PROTECTED: protectionsOf(world, project)
      .map((row) => {
        const push = person !== undefined && mayPushTo(world, person, project, row)
        return `${push ? 'yes' : 'no'} ${row.allowForcePush ? 'yes' : 'no'} ${row.name}`
      })
      .join('\n'),
  }
}

/** Puts the hooks that git runs where git looks for them, and makes them executable wherever the sources came from. */
export function installGitHooks(world: World): void {
  const folder = join(world.data, 'hooks')
  cpSync(join(import.meta.dirname, 'gitHooks'), folder, { recursive: true })
  for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o755)
}
