/** The webhooks of projects and groups, against the sandbox. */

import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { expect, onTestFinished, test, vi } from 'vitest'
import { demoGitLab } from '../../src/commands/demoWorld.ts'
import { hooks } from '../../src/commands/hooks.ts'
import { readConfig } from '../../src/config.ts'
import { connectGitLab } from '../../src/gitlab/client.ts'
import { wrongWith } from '../../src/gitlab/hookState.ts'
import { ensureHook } from '../../src/gitlab/projectHooks.ts'
import { startReceiver } from '../sandbox/hookReceiver.ts'
import { type Ask, idOf, list, startedSandbox, tempFolder, type Who } from '../sandbox/startedSandbox.ts'

const SHOP = { id: 1, path: 'demo/shop' }
const SIGNING = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

/** What the groups of an edition that has group hooks answer, by their path; 404 otherwise, as GitLab Free. */
type GroupHooks = Readonly<Record<string, readonly object[]>>

/** Before the sandbox, which is GitLab Free: answers for hooks of groups. */
async function withGroupHooks(behind: string, groups: GroupHooks): Promise<string> {
  const server = createServer(async (request, answer) => {
    const group = /^\/api\/v4\/groups\/([^/]+)\/hooks/.exec(request.url ?? '')?.[1]
    const rows = group === undefined ? undefined : groups[decodeURIComponent(group)]
    const headers = {
      'private-token': String(request.headers['private-token'] ?? ''),
      'content-type': 'application/json',
    }
    const body = await buffer(request)
    const given = body.length === 0 ? {} : { body: new Uint8Array(body) }
    const reply =
      rows === undefined
        ? await fetch(`${behind}${request.url}`, { method: request.method ?? 'GET', headers, ...given })
        : Response.json(rows)
    const bytes = Buffer.from(await reply.arrayBuffer())
    answer.writeHead(reply.status, { 'content-type': reply.headers.get('content-type') ?? 'text/plain' }).end(bytes)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function started({
  errand = 'https://errand.example.com',
  secrets = 'a-secret-token',
  groups = {} as GroupHooks,
} = {}) {
  const { sandbox, ask } = await startedSandbox()
  const gitlab = Object.keys(groups).length === 0 ? sandbox.url : await withGroupHooks(sandbox.url, groups)
  const config = () =>
    readConfig({
      GITLAB_URL: gitlab,
      GITLAB_TOKEN: 'glpat-demo-errand-bot',
      WEBHOOK_SECRETS: secrets,
      REDIS_URL: 'redis://127.0.0.1:1',
      ERRAND_URL: errand,
      ERRAND_DOOR_URL: errand,
      ERRAND_KEY: 'k'.repeat(64),
      ERRAND_RUNNER: 'local',
    })
  const token = async (who: Who) => {
    const file = join(tempFolder(), 'token')
    await writeFile(file, `glpat-demo-${who}\n`)
    return ['--token-file', file]
  }
  /** What is printed, line by line, without what changes from run to run. */
  async function command(...args: readonly string[]): Promise<readonly string[]> {
    const lines: string[] = []
    for await (const line of hooks(args, config)) {
      if (typeof line === 'string') lines.push(line)
      else lines.push(`${line.project}: ${line.found}`, ...line.wrong.map((words) => `→ ${words}`))
    }
    return lines.map((line) => line.replaceAll(sandbox.url, 'GITLAB').replace(/127\.0\.0\.1:\d+/g, 'HOST'))
  }
  return { sandbox, ask, command, asMaintainer: await token('maintainer') }
}

async function hooksOf(ask: Ask, project = 1) {
  return list(await ask('maintainer', 'GET', `/projects/${project}/hooks`))
}

test('the hooks of a group: created once, then fine, with all that we need and nothing else', async () => {
  const { ask, command, asMaintainer } = await started()
  const install = () => command('install', ...asMaintainer, 'demo')
  expect(await install()).toEqual(['demo/shop: created', 'demo/vault: created', 'demo/tools/warehouse: created'])
  expect(await install()).toEqual(['demo/shop: fine', 'demo/vault: fine', 'demo/tools/warehouse: fine'])
  expect(await command('check', ...asMaintainer, 'demo')).toEqual(await install())
  for (const project of [1, 2, 3]) {
    const [hook, ...others] = await hooksOf(ask, project)
    expect(others).toEqual([])
    const on = Object.entries(hook ?? {}).flatMap(([name, value]) =>
      name.endsWith('_events') && value === true ? [name] : [],
    )
    expect(on.sort()).toEqual([
      'confidential_issues_events',
      'confidential_note_events',
      'issues_events',
      'merge_requests_events',
      'note_events',
      'pipeline_events',
    ])
    expect(hook).toMatchObject({
      url: 'https://errand.example.com/hook',
      name: 'errand',
      enable_ssl_verification: true,
      token_present: true,
      signing_token_present: false,
    })
  }
})

test('a project by its path, its number and its address, with a signing token', async () => {
  const { ask, sandbox, command, asMaintainer } = await started({ secrets: `${SIGNING},a-secret-token` })
  expect(await command('install', ...asMaintainer, 'demo/vault', '1', `${sandbox.url}/demo/tools/`)).toEqual([
    'demo/vault: created',
    'demo/shop: created',
    'demo/tools/warehouse: created',
  ])
  expect((await hooksOf(ask))[0]).toMatchObject({ token_present: true, signing_token_present: true })
})

test('what is wrong with a hook is shown, and repaired', async () => {
  const { ask, command, asMaintainer } = await started()
  const made = await ask('maintainer', 'POST', '/projects/1/hooks', {
    name: 'errand',
    url: 'https://me:secret@old.example.com/hook',
    issues_events: true,
    enable_ssl_verification: false,
  })
  const number = idOf(made)
  expect(
    (await command('check', ...asMaintainer, '1')).map((line) => line.replace(`${number}`, 'N')),
  ).toMatchInlineSnapshot(`
    [
      "demo/shop: hook N",
      "→ it goes to https://me:***@old.example.com/hook, not to https://errand.example.com/hook: install repairs it",
      "→ it does not tell of comments, confidential comments, confidential issues, merge requests, pipelines: install repairs it",
      "→ it tells of pushes, which nobody reads: install repairs it",
      "→ it has no secret token: install repairs it",
      "→ it trusts any certificate: install repairs it",
    ]
  `)
  expect(await command('install', ...asMaintainer, '1')).toMatchInlineSnapshot(`
    [
      "demo/shop: repaired, because it goes to https://me:***@old.example.com/hook, not to https://errand.example.com/hook; it does not tell of comments, confidential comments, confidential issues, merge requests, pipelines; it tells of pushes, which nobody reads; it has no secret token; it trusts any certificate",
    ]
  `)
  expect(await hooksOf(ask)).toMatchObject([
    { id: number, url: 'https://errand.example.com/hook', push_events: false, token_present: true },
  ])
  expect(await command('check', ...asMaintainer, '1')).toEqual(['demo/shop: fine'])
})

test('one that a person made by hand is taken over by its address; a second one goes', async () => {
  const { ask, command, asMaintainer } = await started()
  const url = 'https://errand.example.com/hook'
  const first = idOf(await ask('maintainer', 'POST', '/projects/1/hooks', { url, note_events: true }))
  const other = idOf(await ask('maintainer', 'POST', '/projects/1/hooks', { url: 'https://ci.example.com' }))
  const second = idOf(await ask('maintainer', 'POST', '/projects/1/hooks', { url, note_events: true }))
  expect((await command('check', ...asMaintainer, '1')).at(-1)).toBe(
    `→ hook ${second} tells the same a second time: install repairs it`,
  )
  expect(await command('install', ...asMaintainer, '1')).toEqual([
    expect.stringContaining(`a second one told the same, number ${second}`),
  ])
  expect((await hooksOf(ask)).map(({ id }) => id)).toEqual([first, other])
})

test('without the right, without a hook, without the project, without anything', async () => {
  const { command, asMaintainer } = await started()
  expect(await command('install', 'demo')).toMatchInlineSnapshot(`
    [
      "demo/shop: no right",
      "→ hooks need the role Maintainer, and @errand-bot has less here: give --token-file with a Maintainer's token, or make @errand-bot one for now",
    ]
  `)
  expect(await command('check', ...asMaintainer, 'demo/shop', 'demo/nothing')).toMatchInlineSnapshot(`
    [
      "demo/shop: no hook",
      "→ \`errand hooks install demo/shop\` makes it; until then comments there are found by asking, a minute late",
      "demo/nothing: there is no such project or group",
      "→ is the path right? @maintainer sees only what it is a member of: invite it, or give --token-file",
    ]
  `)
  await expect(command('check', '--token-file', '/nowhere', 'demo')).rejects.toThrow('--token-file')
  const wrong = join(tempFolder(), 'token')
  await writeFile(wrong, 'glpat-unknown')
  await expect(command('check', '--token-file', wrong, 'demo')).rejects.toThrow('GitLab does not know this token')
  await expect(command('install')).rejects.toThrow('errand hooks install [flags] PROJECT|GROUP…')
  expect((await command('--help'))[0]).toContain('errand hooks check')
})

const GROUP_HOOK = {
  id: 77,
  url: 'https://errand.example.com/hook',
  note_events: true,
  confidential_note_events: true,
  issues_events: true,
  confidential_issues_events: true,
  merge_requests_events: true,
  pipeline_events: true,
  push_events: false,
  enable_ssl_verification: true,
  token_present: true,
}

test('a hook of a group above is a hook: nothing is made beside it, and what was goes', async () => {
  const { ask, command, asMaintainer } = await started({ groups: { demo: [GROUP_HOOK] } })
  expect(await command('check', ...asMaintainer, 'demo/tools')).toEqual([
    'demo/tools/warehouse: the group demo has the hook',
  ])
  const made = idOf(await ask('maintainer', 'POST', '/projects/1/hooks', { url: GROUP_HOOK.url, note_events: true }))
  expect(await command('check', ...asMaintainer, '1')).toEqual([
    'demo/shop: the group demo has the hook',
    `→ hook ${made} tells the same a second time: install removes it`,
  ])
  expect(await command('install', ...asMaintainer, '1', 'demo/tools')).toEqual([
    'demo/shop: the group demo has the hook; 1 of its own told the same, and went',
    'demo/tools/warehouse: the group demo has the hook',
  ])
  expect([await hooksOf(ask, 1), await hooksOf(ask, 3)]).toEqual([[], []])
})

test('what is wrong with a group’s hook is told with where it is mended, and the project gets one of its own', async () => {
  const groups = {
    demo: [{ ...GROUP_HOOK, note_events: false }],
    'demo/tools': [{ ...GROUP_HOOK, url: 'https://ci.example.com' }],
  }
  const { ask, command, asMaintainer } = await started({ groups })
  expect(await command('check', ...asMaintainer, 'demo/tools')).toEqual([
    'demo/tools/warehouse: hook 77 of the group demo',
    '→ it does not tell of comments: mend it in the webhooks of the group demo (Settings > Webhooks)',
  ])
  expect(await command('install', ...asMaintainer, 'demo/tools')).toEqual(['demo/tools/warehouse: created'])
  expect(await hooksOf(ask, 3)).toHaveLength(1)
})

test('an address that GitLab does not take', async () => {
  const { command, asMaintainer } = await started()
  expect(await command('install', ...asMaintainer, '--url', 'ftp://10.0.0.1', '1')).toMatchInlineSnapshot(`
    [
      "demo/shop: refused: POST /api/v4/projects/1/hooks: 422, Invalid url given",
      "→ GitLab may not send to ftp://10.0.0.1/hook: it is in GitLab's own network, or no address. An administrator allows it in Admin > Settings > Network > Outbound requests; another address is given with --url",
    ]
  `)
})

test('a hook that GitLab switched off is told of, and switched on by a test once Errand is there again', async () => {
  const receiver = await startReceiver()
  const { ask, sandbox, command, asMaintainer } = await started({ errand: receiver.url.replace(/\/[^/]*$/, '') })
  expect(await command('install', ...asMaintainer, '1')).toEqual(['demo/shop: created'])
  sandbox.faults.delivery.autoDisable = true
  receiver.status = 503
  for (let n = 0; n < 4; n++) {
    await ask('developer', 'POST', '/projects/1/issues/1/notes', { body: `comment ${n}` })
    await receiver.wait(n + 1)
  }
  await vi.waitFor(async () => {
    expect(await command('check', ...asMaintainer, '1')).toEqual([
      expect.stringMatching(/^demo\/shop: hook \d+$/),
      '→ GitLab has switched it off after failures: install repairs it',
      '→ its last 4 deliveries failed (503): does GitLab reach http://HOST/hook, and does Errand run there?',
    ])
  })
  expect(await command('install', ...asMaintainer, '1')).toEqual([
    expect.stringMatching(/^demo\/shop: switched off by GitLab after failures, and a test failed: .*422/),
    '→ see that GitLab reaches http://HOST/hook and Errand runs there, then install again',
  ])
  const check = () => command('check', ...asMaintainer, '1')
  // The sandbox counts anew after an edit.
  await vi.waitFor(async () => {
    await ask('developer', 'POST', '/projects/1/issues/1/notes', { body: 'another comment' })
    expect(await check()).toContain('→ GitLab has switched it off after failures: install repairs it')
  })
  receiver.status = 202
  expect(await command('install', ...asMaintainer, '1')).toEqual([
    'demo/shop: repaired, because GitLab has switched it off after failures',
  ])
  expect(await command('check', ...asMaintainer, '1')).toEqual(['demo/shop: fine'])
})

test('a GitLab that passes over signing tokens is found out, unless there is another secret', async () => {
  // The sandbox is a newer one.
  const old = createServer((req, res) => {
    const hook = { id: 1, url: 'https://errand.example.com/hook' }
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(req.method === 'POST' ? hook : []))
  })
  old.listen(0, '127.0.0.1')
  await once(old, 'listening')
  onTestFinished(() => void old.close())
  const url = `http://127.0.0.1:${(old.address() as AddressInfo).port}`
  const gitlab = connectGitLab(url, async () => 'a-token', { timeout: 5000, backoff: 1 })
  const wanted = (secrets: readonly string[]) => ({ url: 'https://errand.example.com/hook', secrets })
  expect(await ensureHook(gitlab, SHOP, wanted([SIGNING]))).toEqual({ hook: 'unsigned' })
  expect(await ensureHook(gitlab, SHOP, wanted([SIGNING, 'a-secret-token']))).toEqual({ hook: 'created' })
})

test('of an older GitLab, which tells less of a hook, nothing is made up', () => {
  const hook = { id: 1, url: 'https://errand.example.com/hook', note_events: true, issues_events: true }
  const all = { ...hook, confidential_note_events: true, confidential_issues_events: true, pipeline_events: true }
  const wanted = { url: hook.url, secrets: ['a-secret-token'] }
  expect(wrongWith({ ...all, merge_requests_events: true }, wanted)).toEqual([])
  expect(wrongWith({ ...all, merge_requests_events: false }, wanted)).toEqual(['it does not tell of merge requests'])
})

test("the demo's hook is installed the same way", async () => {
  const { ask, sandbox, command, asMaintainer } = await started({ secrets: SIGNING })
  const demo = demoGitLab(sandbox.url)
  await demo.installHook('https://errand.example.com/hook', SIGNING)
  await demo.installHook('https://errand.example.com/hook', SIGNING)
  expect(await hooksOf(ask)).toHaveLength(1)
  expect(await command('check', ...asMaintainer, '1')).toEqual(['demo/shop: fine'])
})
