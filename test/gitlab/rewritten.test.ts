import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { connectGitLab } from '../../src/gitlab/client.ts'
import { isRewritten } from '../../src/gitlab/rewritten.ts'
import { cloned, commit, git } from '../sandbox/clone.ts'
import { startedSandbox } from '../sandbox/startedSandbox.ts'

const SHOP = 1

test('a branch is rewritten when what stood there is not part of it any more', async () => {
  const { sandbox, ask } = await startedSandbox()
  const { id } = (await ask('root', 'GET', '/projects/demo%2Fshop')).body as { id: number }
  const gitlab = connectGitLab(sandbox.url, async () => 'glpat-demo-errand-bot', { timeout: 5000, backoff: 5 })
  const folder = await cloned(sandbox.url, 'errand-bot')
  const first = await commit(folder, 'agent/work', 'one', '1\n')
  await git(folder, 'push', '--quiet', 'origin', 'agent/work')
  const second = await commit(folder, 'agent/work', 'two', '2\n')
  await git(folder, 'push', '--quiet', 'origin', 'agent/work')
  expect(await isRewritten(gitlab, id, first, second)).toBe(false)
  await git(folder, 'commit', '--quiet', '--amend', '-m', 'again')
  const amended = (await git(folder, 'rev-parse', 'HEAD')).text.trim()
  await git(folder, 'push', '--quiet', '--force', 'origin', 'agent/work')
  expect(await isRewritten(gitlab, id, second, amended)).toBe(true)
  await git(folder, 'checkout', '--quiet', '--orphan', 'alone')
  const alone = await commit(folder, 'alone', 'three', '3\n')
  await git(folder, 'push', '--quiet', '--force', 'origin', 'HEAD:agent/work')
  expect(await isRewritten(gitlab, id, amended, alone)).toBe(true)
  expect(await isRewritten(gitlab, id, 'f'.repeat(40), alone)).toBe(true)
})

test.each([403, 500])('when GitLab answers %i it is not known', async (status) => {
  const server = createServer((_, res) => {
    res.writeHead(status, { 'content-type': 'application/json' }).end('{"message":"no"}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const gitlab = connectGitLab(url, async () => 'x', { timeout: 5000, backoff: 5 })
  await expect(isRewritten(gitlab, SHOP, 'a'.repeat(40), 'b'.repeat(40))).rejects.toThrow(String(status))
})
