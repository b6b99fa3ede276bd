import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { AUTHORIZATION } from './gitServer.ts'
import { listen } from './openDoor.ts'

export const LFS_TOKEN = 'Basic bGZzOlRIRS1MRlMtVE9LRU4='
export const SIGNATURE = 'THE-SIGNATURE'

export type LfsOptions = {
  /** How a download is given: by the token of GitLab, or by a redirect from there to a storage of signed addresses. */
  readonly downloads?: 'token' | 'redirect'
  /** Whether uploads go to the storage of signed addresses, and are verified at GitLab. */
  readonly storage?: boolean
  /** Answers instead, where it gives true. */
  readonly instead?: (req: IncomingMessage, res: ServerResponse) => boolean
}

/** What GitLab has of LFS: the batch API, its own store behind a token, and an object storage with signed addresses. */
export async function lfsServer({ downloads = 'token', storage = false, instead = () => false }: LfsOptions = {}) {
  const objects = new Map<string, Buffer>()
  const verified: string[] = []
  const seen: { readonly what: string; readonly headers: IncomingMessage['headers'] }[] = []
  /** Objects that came whole are kept, others refused, as GitLab does. */
  const keep = async (oid: string, req: IncomingMessage, res: ServerResponse) => {
    const bytes = Buffer.concat(await Array.fromAsync(req))
    const whole = createHash('sha256').update(bytes).digest('hex') === oid
    if (whole) objects.set(oid, bytes)
    res.writeHead(whole ? 200 : 400).end()
  }
  const give = (oid: string, req: IncomingMessage, res: ServerResponse) => {
    const bytes = objects.get(oid)
    const from = Number(/^bytes=(\d+)-$/.exec(req.headers.range ?? '')?.[1] ?? 0)
    if (bytes === undefined) res.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>')
    else if (from === 0) res.writeHead(200, { 'content-length': bytes.length, 'x-amz-request-id': 'abc' }).end(bytes)
    else {
      const range = `bytes ${from}-${bytes.length - 1}/${bytes.length}`
      res.writeHead(206, { 'content-length': bytes.length - from, 'content-range': range }).end(bytes.subarray(from))
    }
  }
  const store = await listen(async (req, res) => {
    const { pathname, searchParams } = new URL(req.url ?? '', 'http://store')
    seen.push({ what: `storage ${req.method}`, headers: req.headers })
    const oid = pathname.slice(1)
    if (searchParams.get('signature') !== SIGNATURE || req.headers.authorization !== undefined) res.writeHead(403).end()
    else if (req.method === 'PUT') await keep(oid, req, res)
    else give(oid, req, res)
  })
  const signed = (oid: string) => `${store.url}/${oid}?signature=${SIGNATURE}`
  const token = { header: { Authorization: LFS_TOKEN } }

  function batch(
    base: string,
    { operation, objects: asked }: { operation: string; objects: { oid: string; size: number }[] },
  ) {
    return asked.map(({ oid, size }) => {
      const here = `${base}/gitlab-lfs/objects/${oid}`
      if (operation === 'download')
        return objects.has(oid)
          ? { oid, size, actions: { download: { href: here, ...token } } }
          : { oid, size, error: { code: 404, message: 'Object does not exist on the server' } }
      if (objects.has(oid)) return { oid, size }
      const upload = storage ? { href: signed(oid), expires_in: 3600 } : { href: `${here}/${size}`, ...token }
      return { oid, size, actions: { upload, ...(storage ? { verify: { href: `${here}/verify`, ...token } } : {}) } }
    })
  }

  const answers = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const { pathname, origin } = new URL(req.url ?? '', `http://${req.headers.host}`)
    seen.push({ what: `${req.method} ${pathname.replace(/[0-9a-f]{64}/, 'OID')}`, headers: req.headers })
    if (instead(req, res)) return
    const base = `${origin}/group/project.git`
    const [, oid = '', rest] = /\/gitlab-lfs\/objects\/([0-9a-f]{64})(\/.*)?$/.exec(pathname) ?? []
    if (pathname.endsWith('/info/lfs/objects/batch') && req.headers.authorization === AUTHORIZATION) {
      const body = JSON.parse((await Array.fromAsync(req)).join(''))
      res.writeHead(200, { 'content-type': 'application/vnd.git-lfs+json' })
      res.end(JSON.stringify({ objects: batch(base, body) }))
    } else if (req.headers.authorization !== LFS_TOKEN) res.writeHead(401).end('{"message":"Access denied"}')
    else if (rest === '/verify') {
      const known = JSON.parse((await Array.fromAsync(req)).join(''))
      verified.push(known.oid)
      res.writeHead(objects.get(oid)?.length === known.size ? 200 : 422).end()
    } else if (req.method === 'PUT') await keep(oid, req, res)
    else if (downloads === 'redirect') res.writeHead(302, { location: signed(oid) }).end()
    else give(oid, req, res)
  }

  return {
    objects,
    verified,
    seen,
    /** For a git server: answers what is LFS. */
    answers(req: IncomingMessage, res: ServerResponse): boolean {
      const isLfs = /\/(info\/lfs|gitlab-lfs)\//.test(req.url ?? '')
      if (isLfs) void answers(req, res)
      return isLfs
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}
