import { createHash, randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import type { DoorNeeds } from '../../src/door/app.ts'
import { LFS_TYPE } from '../../src/door/lfsMessages.ts'
import { AUTHORIZATION } from './gitServer.ts'
import { LFS_TOKEN, type LfsOptions, lfsServer, SIGNATURE } from './lfsServer.ts'
import { BRANCH, listen, openDoor } from './openDoor.ts'

/** A door before a GitLab that keeps large files. */
export async function lfsDoor(options: LfsOptions = {}, needs: Partial<DoorNeeds> = {}) {
  const lfs = await lfsServer(options)
  const server = await listen((req, res) => void lfs.answers(req, res))
  const url = `${server.url}/group/project.git`
  const door = await openDoor({
    repository: async () => ({ url, branch: BRANCH, authorization: AUTHORIZATION }),
    ...needs,
  })
  const batch = (operation: string, oids: readonly string[], more: object = {}) =>
    door.call('/v1/git/info/lfs/objects/batch', {
      method: 'POST',
      headers: { 'content-type': LFS_TYPE },
      body: JSON.stringify({ operation, objects: oids.map((oid) => ({ oid, size: size(oid) })), ...more }),
    })
  const size = (oid: string) => lfs.objects.get(oid)?.length ?? 4
  return {
    lfs,
    door,
    batch,
    async actions(operation: string, oid: string) {
      const answer = await batch(operation, [oid])
      expect(answer.status).toBe(200)
      const text = await answer.text()
      for (const secret of [SIGNATURE, LFS_TOKEN, 'gitlab-lfs', server.url]) expect(text).not.toContain(secret)
      return (JSON.parse(text) as Said).objects[0]?.actions ?? {}
    },
    take: ({ href, header }: { href: string; header: Record<string, string> }, init: RequestInit = {}) =>
      door.call(href.slice(door.url.length), { ...init, headers: { ...header, ...(init.headers as object) } }),
    async [Symbol.asyncDispose]() {
      await door[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
      await lfs[Symbol.asyncDispose]()
    },
  }
}

type Said = {
  objects: { actions: Record<string, { href: string; header: Record<string, string> }> }[]
  message: string
}

/** The JSON of an answer. */
export const said = async (answer: Response | Promise<Response>) => (await (await answer).json()) as Said

export const BYTES = randomBytes(4)
export const OID = createHash('sha256').update(BYTES).digest('hex')
