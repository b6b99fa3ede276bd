import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DoorNeeds } from '../../src/door/app.ts'
import { AUTHORIZATION, git, gitOk, type gitServer, temporaryFolder, throughDoor } from './gitServer.ts'
import { BRANCH, openDoor } from './openDoor.ts'

/** Before the first push to a branch. */
export const ZERO = '0'.repeat(40)
/** What git sends with a ref whose commits are all there. */
export const EMPTY_PACK = Buffer.from('5041434b0000000200000000029d08823bd8a8eab510ad6ac75c823cfd3ed31e', 'hex')

/** A clone through a door before the server, with one commit of its own on the task's branch. */
export async function workspace(server: Awaited<ReturnType<typeof gitServer>>, needs: Partial<DoorNeeds> = {}) {
  const repository = async () => ({ url: server.url, branch: BRANCH, authorization: AUTHORIZATION })
  const door = await openDoor({ repository, ...needs })
  const folder = await temporaryFolder()
  const clone = join(folder.path, 'clone')
  const through = throughDoor(door)
  await gitOk(folder.path, ...through, 'clone', '--quiet', `${door.url}/v1/git`, clone)
  await gitOk(clone, 'checkout', '--quiet', '-b', BRANCH)
  const commit = async (words: string) => {
    await appendFile(join(clone, 'file'), `${words}\n`)
    await gitOk(clone, 'add', '.')
    await gitOk(clone, 'commit', '--quiet', '-m', words)
    return gitOk(clone, 'rev-parse', 'HEAD')
  }
  const first = await commit('work')
  return {
    door,
    clone,
    commit,
    first,
    push: (...args: string[]) => git(clone, ...through, 'push', 'origin', ...args),
    refs: () => gitOk(server.repository, 'for-each-ref', '--format=%(refname)'),
    tip: () => gitOk(server.repository, 'rev-parse', BRANCH),
    async [Symbol.asyncDispose]() {
      await door[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}
