import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { cloned, commit, git, pushedBranch } from './clone.ts'
import { hooked, startReceiver } from './hookReceiver.ts'
import { askAt, idOf, list, startedSandbox, tempFolder, worldFolder } from './startedSandbox.ts'

const notes = '/projects/1/issues/1/notes'

/** A sandbox that is a process of its own, so that it can be killed. */
async function spawned(data: string): Promise<{ url: string; kill: () => Promise<void> }> {
  const module = join(import.meta.dirname, '../../src/sandbox/sandbox.ts')
  const code = `import { startSandbox } from ${JSON.stringify(module)}
    console.log((await startSandbox({ port: 0, data: ${JSON.stringify(data)} })).url)`
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  onTestFinished(kill)
  const [line] = await once(child.stdout ?? child, 'data')
  return { url: String(line).trim(), kill }
}

async function restarted(data: string) {
  const sandbox = await startSandbox({ port: 0, data })
  onTestFinished(() => sandbox.close())
  return { sandbox, ask: askAt(sandbox.url) }
}

test('after kill -9 everything that was answered is there, and ids go on', async () => {
  const data = tempFolder()
  const first = await spawned(data)
  const before = askAt(first.url)
  const id = idOf(await before('developer', 'POST', notes, { body: 'one' }))
  const deleted = idOf(await before('developer', 'POST', notes, { body: 'two' }))
  await before('developer', 'DELETE', `${notes}/${deleted}`)
  await before('errand-bot', 'POST', `${notes}/${id}/award_emoji`, { name: 'eyes' })
  const sha = await pushedBranch(first.url, 'work')
  await before('errand-bot', 'POST', '/projects/1/merge_requests', {
    source_branch: 'work',
    target_branch: 'main',
    title: 'W',
  })
  await first.kill()

  const { sandbox, ask } = await restarted(data)
  expect(list(await ask('developer', 'GET', `${notes}?activity_filter=only_comments`))).toMatchObject([
    { id, body: 'one' },
  ])
  expect(list(await ask('nobody', 'GET', `${notes}/${id}/award_emoji`))).toMatchObject([{ name: 'eyes' }])
  expect((await ask('nobody', 'GET', '/projects/1/merge_requests/1')).body).toMatchObject({ state: 'opened', sha })
  expect(idOf(await ask('developer', 'POST', notes, { body: 'three' }))).toBeGreaterThan(deleted)
  expect((await git(tempFolder(), 'ls-remote', `${sandbox.url}/demo/shop.git`)).text).toContain(sha)
  const people = list(await ask('root', 'GET', '/users'))
  expect(people).toHaveLength(6)
})

test('a torn last line is forgotten, a broken one in the middle is an error with a cure', async () => {
  const data = await worldFolder()
  const journal = join(data, 'journal.jsonl')
  const whole = readFileSync(journal, 'utf8')
  appendFileSync(journal, '["notes",9999,{"body":"to')
  const one = await startSandbox({ port: 0, data })
  const id = idOf(await askAt(one.url)('developer', 'POST', notes, { body: 'after' }))
  expect(id).toBeLessThan(9999)
  await one.close()
  const two = await startSandbox({ port: 0, data })
  expect(list(await askAt(two.url)('developer', 'GET', notes))).toMatchObject([{ id, body: 'after' }])
  await two.close()
  writeFileSync(journal, `nonsense\n${whole}`)
  await expect(startSandbox({ port: 0, data })).rejects.toThrow('journal.jsonl:1: start with an empty data folder')
})

test('a webhook that was not sent before the end is sent after the next start, with its key', async () => {
  const { sandbox, ask, data } = await startedSandbox()
  const receiver = await hooked(ask)
  receiver.status = 0
  await ask('developer', 'POST', notes, { body: 'hello' })
  await receiver.wait(1)
  const began = performance.now()
  await sandbox.close()
  expect(performance.now() - began).toBeLessThan(5000)
  receiver.status = 200
  const again = await restarted(data)
  const keys = (await receiver.wait(2)).map(({ headers }) => headers['webhook-id'])
  expect(keys[0]).toBe(keys[1])
  await vi.waitFor(async () => {
    const events = list(await again.ask('maintainer', 'GET', '/projects/1/hooks/1/events'))
    expect(events).toMatchObject([{ response_status: '200' }])
  })
})

test('a push that git finished just before the end is told after the next start', async () => {
  const { sandbox, ask, data } = await startedSandbox()
  await pushedBranch(sandbox.url, 'work')
  await ask('errand-bot', 'POST', '/projects/1/merge_requests', {
    source_branch: 'work',
    target_branch: 'main',
    title: 'W',
  })
  const receiver = await startReceiver()
  await ask('maintainer', 'POST', '/projects/1/hooks', {
    url: receiver.url,
    push_events: true,
    merge_requests_events: true,
  })
  await sandbox.close()
  // As if the sandbox had died while git was at work: the branch moved, and git left word of it.
  const folder = tempFolder()
  const repository = join(data, 'repositories', '1.git')
  await git(folder, 'clone', '--quiet', '--branch=work', repository, '.')
  const before = (await git(folder, 'rev-parse', 'HEAD')).text.trim()
  const after = await commit(folder, 'work', 'MORE.md', 'more\n')
  await git(folder, 'push', '--quiet', 'origin', 'work')
  writeFileSync(join(data, 'pushes', '1-6-left'), `${before} ${after} refs/heads/work\n`)

  const again = await restarted(data)
  expect((await again.ask('nobody', 'GET', '/projects/1/merge_requests/1')).body).toMatchObject({ sha: after })
  const got = await receiver.wait(2)
  expect(got.map(({ event }) => event).sort()).toEqual(['Merge Request Hook', 'Push Hook'])
})

test('a branch that moved without any word is noticed at the next start', async () => {
  const { sandbox, ask, data } = await startedSandbox()
  const sha = await pushedBranch(sandbox.url, 'work')
  await pushedBranch(sandbox.url, 'other', 'OTHER.md')
  await ask('errand-bot', 'POST', '/projects/1/merge_requests', {
    source_branch: 'work',
    target_branch: 'main',
    title: 'W',
  })
  await sandbox.close()
  const repository = join(data, 'repositories', '1.git')
  await git(repository, 'update-ref', 'refs/heads/work', 'refs/heads/other', sha)
  const tip = (await git(repository, 'rev-parse', 'refs/heads/other')).text.trim()
  const again = await restarted(data)
  expect((await again.ask('nobody', 'GET', '/projects/1/merge_requests/1')).body).toMatchObject({ sha: tip })
})

test('a port that is taken is the system’s own error, and harms nobody’s data', async () => {
  const { sandbox, ask, data } = await startedSandbox()
  await expect(startSandbox({ port: sandbox.port, data })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  expect((await ask('developer', 'POST', notes, { body: 'still here' })).status).toBe(201)
})

test('two sandboxes side by side are two worlds', async () => {
  const [one, two] = [await startedSandbox(), await startedSandbox()]
  await one.ask('developer', 'POST', notes, { body: 'only here' })
  expect(list(await two.ask('developer', 'GET', notes))).toEqual([])
})

test('without the demo’s world there is nobody', async () => {
  const sandbox = await startSandbox({ port: 0, data: tempFolder(), seed: false })
  onTestFinished(() => sandbox.close())
  const ask = askAt(sandbox.url)
  expect((await ask('developer', 'GET', '/user')).body).toEqual({ message: '401 Unauthorized' })
  expect(list(await ask('nobody', 'GET', '/projects'))).toEqual([])
})

test('it stops at once while somebody clones and somebody waits', async () => {
  const { sandbox, ask } = await startedSandbox()
  sandbox.faults.api.delayMs = 60_000
  sandbox.faults.git.delayMs = 60_000
  const waiting = Promise.allSettled([ask('developer', 'GET', '/user'), cloned(sandbox.url, 'nobody')])
  await expect.poll(() => fetch(`${sandbox.url}/-/sandbox/calls`).then((reply) => reply.status)).toBe(200)
  const began = performance.now()
  await sandbox.close()
  expect(performance.now() - began).toBeLessThan(5000)
  expect((await waiting).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})
