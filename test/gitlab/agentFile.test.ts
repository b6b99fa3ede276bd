import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { createAgentFiles } from '../../src/gitlab/agentFile.ts'
import { connectGitLab } from '../../src/gitlab/client.ts'
import { GitLabError } from '../../src/gitlab/requester.ts'

type Answer = { readonly status: number; readonly body: string; readonly endless?: true }

/** A GitLab that has just this file. */
async function withFile(answer: (project: string) => Answer) {
  const asked: string[] = []
  const server = createServer((req, res) => {
    asked.push(req.url ?? '')
    const { status, body, endless } = answer(/projects\/(\d+)/.exec(req.url ?? '')?.[1] ?? '')
    res.writeHead(status, { 'content-type': status === 200 ? 'text/plain' : 'application/json' })
    if (endless === undefined) res.end(body)
    else Readable.from(repeat(body)).pipe(res)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const clock = { now: 0 }
  const gitlab = connectGitLab(url, async () => 'a-token', { timeout: 5000, backoff: 1 })
  return { asked, clock, fileOf: createAgentFiles(gitlab, () => clock.now) }
}

function* repeat(text: string): Generator<string> {
  for (;;) yield text
}

const MISSING: Answer = { status: 404, body: '{"message":"404 File Not Found"}' }

test('the file of the default branch, asked for once in a while', async () => {
  let model = 'opus'
  const { asked, clock, fileOf } = await withFile(() => ({ status: 200, body: `model: ${model}\n` }))
  const models = async () => (await Promise.all([fileOf(1), fileOf(1)])).map((file) => file?.settings.model)
  expect(await models()).toEqual(['opus', 'opus'])
  expect(asked).toEqual(['/api/v4/projects/1/repository/files/.gitlab%2Fagent.yml/raw?ref=HEAD'])
  model = 'haiku'
  clock.now = 9_999
  expect(await models()).toEqual(['opus', 'opus'])
  clock.now = 10_000
  expect(await models()).toEqual(['haiku', 'haiku'])
  expect(asked).toHaveLength(2)
})

test('each project has its own, or none', async () => {
  const { fileOf } = await withFile((project) => (project === '1' ? { status: 200, body: 'model: opus' } : MISSING))
  expect((await fileOf(1))?.settings).toEqual({ model: 'opus' })
  expect(await fileOf(2)).toBeUndefined()
})

test('GitLab away is no missing file, and is asked again at once', async () => {
  let answer: Answer = { status: 500, body: '{"message":"500 Internal Server Error"}' }
  const { fileOf } = await withFile(() => answer)
  await expect(fileOf(1)).rejects.toThrow(GitLabError)
  answer = { status: 200, body: 'model: opus' }
  expect((await fileOf(1))?.settings).toEqual({ model: 'opus' })
})

test('of a file without an end only as much is read as shows that it is too large', async () => {
  const { fileOf } = await withFile(() => ({ status: 200, body: '# ä\n', endless: true }))
  const { settings, problems = [] } = (await fileOf(1)) ?? {}
  expect(settings).toEqual({})
  expect(problems).toMatchObject([{ line: 1, problem: 'it has more than 64 KB' }])
})

test('what is no YAML is told, and everything else is as usual', async () => {
  const { fileOf } = await withFile(() => ({ status: 200, body: 'model: [' }))
  expect(await fileOf(1)).toMatchObject({ settings: {}, problems: [{ line: 1, key: '' }] })
})
