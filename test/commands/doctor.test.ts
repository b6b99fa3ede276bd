/** Each planted fault is found, with its cure, and nothing else is. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { expect, inject, onTestFinished, test } from 'vitest'
import { examineModels } from '../../src/commands/doctorModels.ts'
import { examineRedis } from '../../src/commands/doctorRedis.ts'
import { readConfig } from '../../src/config.ts'
import { freePort } from '../../src/local/redis.ts'
import { PREFIX } from '../../src/redis/connection.ts'
import { createWatermark } from '../../src/redis/watermark.ts'
import { ends, shows, waitingStatus } from '../kubernetes/standIn/scripts.ts'
import { doctorWorld, GOOD, obeys, type Report, tells } from './doctorWorld.ts'

/** What the doctor says of what it may not look at, with the rights that Errand needs. */
const UNSEEN = [
  'hooks: a Maintainer can look: `errand hooks check --token-file FILE demo/shop`',
  'quota: somebody who may look sees it with `kubectl -n runs describe resourcequota`; a run that it keeps away says so',
]

/** One that is enough for a part of the doctor. */
function localConfig(url: string) {
  return readConfig({
    GITLAB_URL: url,
    GITLAB_TOKEN: 'x',
    WEBHOOK_SECRETS: 'secret',
    REDIS_URL: 'redis://127.0.0.1:1',
    ERRAND_URL: url,
    ERRAND_DOOR_URL: url,
    ERRAND_KEY: 'k'.repeat(64),
    ERRAND_RUNNER: 'local',
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_API_KEY: 'sk-ant-of-this-test',
  })
}

/** The one fault: where, as found, and what to do. */
function fault({ findings, wrong }: Report) {
  const found = findings.filter((finding) => finding.wrong.length > 0)
  expect([found.length, wrong], JSON.stringify(found, null, 2)).toEqual([1, 1])
  const [{ checked = '', found: what = '', wrong: [cure = ''] = [] } = {}] = found
  return { checked, found: what, cure }
}

const adviceOf = ({ findings }: Report) =>
  findings.flatMap(({ checked, advice }) => advice.map((words) => `${checked}: ${words}`))

test('all is well: every part is looked at, and the exit code is 0', async () => {
  const world = await doctorWorld()
  const { said, exit } = await world.process({}, '--json')
  const report = JSON.parse(said) as Report
  expect(report.findings.filter(({ wrong }) => wrong.length > 0)).toEqual([])
  expect([report.wrong, exit]).toEqual([0, 0])
  expect(report.findings.map(({ checked }) => checked)).toEqual([
    'configuration',
    'Redis',
    'persistence',
    'memory',
    'deliveries',
    'GitLab',
    'token',
    'projects',
    'hooks',
    'our address',
    'webhooks',
    'Anthropic',
    'cluster',
    'rights',
    'quota',
    'a run',
    'network',
  ])
  expect(report.findings.find(({ checked }) => checked === 'network')?.found).toBe(
    'a run reaches neither the API server',
  )
})

test('a configuration that Errand would not start with', async () => {
  const { doctor } = await doctorWorld()
  expect(fault(await doctor({ ERRAND_KEY: undefined }))).toMatchObject({
    checked: 'configuration',
    cure: expect.stringContaining('ERRAND_KEY (or ERRAND_KEY_FILE) is missing'),
  })
})

test('the door’s address is the pod itself, and an agent has no model', async () => {
  const { doctor } = await doctorWorld()
  const report = await doctor({ ERRAND_DOOR_URL: 'http://127.0.0.1:8081' }, { agents: ['codex'] })
  const [config] = report.findings
  expect(config?.wrong).toEqual([
    'the agent `codex` has no model: set OPENAI_API_KEY',
    expect.stringContaining('in a pod is the pod itself'),
  ])
  expect(report.wrong).toBe(2)
})

test('Redis is away', async () => {
  const { doctor } = await doctorWorld()
  expect(fault(await doctor({ REDIS_URL: 'redis://127.0.0.1:1' }))).toMatchObject({
    checked: 'Redis',
    cure: expect.stringContaining('that REDIS_URL is right'),
  })
})

test.each([
  ['maxmemory-policy', 'allkeys-lru', 'memory', 'set it to noeviction'],
  ['appendonly', 'no', 'persistence', 'a restart of Redis loses everything: switch on its append-only file'],
  ['maxmemory', '2mb', 'memory', 'raise maxmemory'],
])('Redis with %s %s', async (name, value, checked, cure) => {
  const { doctor, redis } = await doctorWorld()
  await redis.set('ballast', 'x'.repeat(1024 * 1024))
  await redis.config('SET', name, value)
  expect(fault(await doctor())).toMatchObject({ checked, cure: expect.stringContaining(cure) })
})

test.each([
  ['5.0.14', 'wrong', 'Redis 6.2 or newer, or Valkey, is needed'],
  ['6.0.16', 'wrong', 'Redis 6.2 or newer, or Valkey, is needed'],
  ['6.2.14', 'advice', 'tested with 7.0 and newer only: update it'],
] as const)('Redis %s: %s', async (version, kind, words) => {
  const redis = new Redis(inject('redisUrl'))
  onTestFinished(() => redis.disconnect())
  const info = (await redis.info()).replace(/^redis_version:.*$/m, `redis_version:${version}\r`)
  const old = Object.assign(redis, { info: async () => info })
  const [first] = await Array.fromAsync(examineRedis(localConfig('http://127.0.0.1:1'), old))
  expect([...(first?.wrong ?? []), ...(first?.advice ?? [])]).toEqual([expect.stringContaining(words)])
  expect(first?.[kind]).toHaveLength(1)
})

test('Redis holds the tasks of another GitLab', async () => {
  const { doctor, redis } = await doctorWorld()
  await redis.set(`${PREFIX}:gitlab`, 'https://gitlab.example.com')
  expect(fault(await doctor())).toMatchObject({
    checked: 'records',
    cure: expect.stringContaining('a Redis of its own'),
  })
})

test('a delivery that was given up: wrong for a day, then to be cleared, and cleared', async () => {
  const { doctor, redis, command } = await doctorWorld()
  const queue = new Queue('deliveries', { connection: redis, prefix: PREFIX })
  const delivery = { kind: 'note', projectId: 1, on: 'issue', iid: 1, noteId: 7 }
  const job = await queue.add('delivery', delivery, { attempts: 1 })
  await redis
    .multi()
    .lrem(`${PREFIX}:deliveries:wait`, 0, job.id ?? '')
    .zadd(`${PREFIX}:deliveries:failed`, 1, job.id ?? '')
    .hset(`${PREFIX}:deliveries:${job.id}`, { failedReason: 'GitLab is away', finishedOn: Date.now() - 3_600_000 })
    .exec()
  expect(fault(await doctor())).toMatchObject({
    checked: 'deliveries',
    found: '0 waiting, 0 tried again later, 1 given up',
    cure: expect.stringMatching(/the log of `work` says why.*\(1-n7: GitLab is away\); `errand deliveries retry`/),
  })
  await redis.hset(`${PREFIX}:deliveries:${job.id}`, 'finishedOn', Date.now() - 25 * 3_600_000)
  const old = await doctor()
  expect(old.wrong).toBe(0)
  expect(adviceOf(old)).toContainEqual(expect.stringMatching(/^deliveries: none of the last day: 1 could not/))
  expect(await command('deliveries')).toMatch(/^\d{4}-\S+ {2}1-n7: GitLab is away\n1 given up\n$/)
  expect(await command('deliveries', 'retry')).toBe('1 tried again\n')
  expect((await doctor()).findings.find(({ checked }) => checked === 'deliveries')?.found).toBe(
    '1 waiting, 0 tried again later, 0 given up',
  )
  await redis
    .multi()
    .lrem(`${PREFIX}:deliveries:wait`, 0, job.id ?? '')
    .zadd(`${PREFIX}:deliveries:failed`, 1, job.id ?? '')
    .exec()
  expect(await command('deliveries', 'forget')).toBe('1 forgotten\n')
  expect(await redis.exists(`${PREFIX}:deliveries:${job.id}`)).toBe(0)
})

test('a token that GitLab does not know', async () => {
  const { doctor } = await doctorWorld()
  expect(fault(await doctor({ GITLAB_TOKEN: 'glpat-0123456789abcdef' }))).toMatchObject({
    checked: 'GitLab',
    found: expect.stringContaining('401'),
    cure: expect.stringContaining('make a new one (scope api)'),
  })
})

test('no GitLab at GITLAB_URL', async () => {
  const { doctor, redis } = await doctorWorld()
  await redis.del(`${PREFIX}:gitlab`)
  expect(fault(await doctor({ GITLAB_URL: 'http://127.0.0.1:1' }))).toMatchObject({
    checked: 'GitLab',
    cure: expect.stringContaining('is reached from here'),
  })
})

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

test.each([
  ['that may only read', { scopes: ['read_api'] }, 'it lacks the scope api'],
  ['that ends soon', { expires_at: inDays(3) }, 'make a new one, and put it into GITLAB_TOKEN'],
])('a token %s', async (_, wish, cure) => {
  const { doctor, ask } = await doctorWorld()
  const wanted = { name: 'errand', scopes: ['api'], access_level: 30, expires_at: inDays(100), ...wish }
  const { body } = await ask('maintainer', 'POST', '/projects/1/access_tokens', wanted)
  expect(fault(await doctor({ GITLAB_TOKEN: (body as { token: string }).token }))).toMatchObject({
    checked: 'token',
    cure: expect.stringContaining(cure),
  })
})

test('a bot that is Reporter in a project', async () => {
  const { doctor } = await doctorWorld()
  expect(fault(await doctor({ GITLAB_TOKEN: 'glpat-demo-reporter' }))).toMatchObject({
    checked: 'projects',
    cure: expect.stringMatching(/^in demo\/shop @reporter has less than Developer, and cannot push/),
  })
})

test('a bot that is Developer of a group above is it in all below', async () => {
  const { doctor, ask } = await doctorWorld()
  const me = (await ask('errand-bot', 'GET', '/user')).body as { id: number }
  await ask('maintainer', 'POST', '/groups/1/members', { user_id: me.id, access_level: 30 })
  const { body } = await ask('errand-bot', 'GET', '/projects?membership=true&search=warehouse')
  expect(body, 'as GitLab lists it').toMatchObject([{ permissions: { project_access: null, group_access: null } }])
  const projects = (await doctor()).findings.find(({ checked }) => checked === 'projects')
  expect(projects).toMatchObject({
    found: expect.stringMatching(/^a member of (\d+), at least Developer in \1/),
    wrong: [],
  })
})

test('a bot that is invited nowhere', async () => {
  const { doctor } = await doctorWorld()
  expect(fault(await doctor({ GITLAB_TOKEN: 'glpat-demo-outsider' }))).toMatchObject({
    checked: 'projects',
    cure: expect.stringContaining('invite @outsider'),
  })
})

test('a project without a hook', async () => {
  const { doctor } = await doctorWorld()
  const report = await doctor({ GITLAB_TOKEN: 'glpat-demo-maintainer' })
  const hooks = report.findings.find(({ checked }) => checked === 'hooks')
  expect(hooks?.wrong[0]).toMatch(/^demo\/\w+: no hook; `errand hooks install demo\/\w+` makes it/)
  expect(report.wrong).toBe(hooks?.wrong.length)
})

test('nothing of ours answers at ERRAND_URL', async () => {
  const { doctor } = await doctorWorld()
  expect(fault(await doctor({ ERRAND_URL: 'http://127.0.0.1:1' }))).toMatchObject({
    checked: 'our address',
    cure: expect.stringContaining('that ERRAND_URL, Ingress and proxy lead'),
  })
})

test('the Errand that answers there has another secret', async () => {
  const { doctor } = await doctorWorld()
  expect(fault(await doctor({ WEBHOOK_SECRETS: 'quite-another-secret' }))).toMatchObject({
    checked: 'our address',
    cure: expect.stringContaining('with the same WEBHOOK_SECRETS'),
  })
})

test('comments had to be found, since no webhook brought them', async () => {
  const { doctor, redis } = await doctorWorld()
  const watermark = createWatermark(redis, PREFIX)
  await watermark.countFound()
  expect(fault(await doctor())).toMatchObject({
    checked: 'webhooks',
    found: 'none has come yet; 1 commands were brought by none and found by asking, the newest just now',
    cure: expect.stringContaining('Outbound requests'),
  })
  await new Promise((done) => setTimeout(done, 5))
  await watermark.came()
  expect((await doctor()).wrong).toBe(0)
  const elsewhere = await doctor({ ERRAND_URL: 'http://127.0.0.1:1' })
  expect([elsewhere.wrong, adviceOf(elsewhere).toSorted()]).toEqual([
    0,
    [UNSEEN[0], 'our address: it is not reached from here; webhooks have come, so GitLab does reach it', UNSEEN[1]],
  ])
})

test('a model provider that refuses the key', async () => {
  const { doctor } = await doctorWorld()
  const server = createServer((_, answer) => {
    answer.writeHead(401, { 'content-type': 'application/json' }).end('{"error":{"type":"authentication_error"}}')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  expect(fault(await doctor({ ANTHROPIC_BASE_URL: url }))).toMatchObject({
    checked: 'Anthropic',
    found: expect.stringContaining('refuses our key'),
    cure: expect.stringContaining('put a good one into ANTHROPIC_API_KEY'),
  })
})

test.each([
  [404, '', 'advice', 'has no list of models to ask for'],
  [405, '', 'advice', 'has no list of models to ask for'],
  [429, '', 'advice', 'see the limits of the key'],
  [403, '', 'wrong', 'put one that may into ANTHROPIC_API_KEY'],
  [400, 'no such tenant', 'wrong', 'does ANTHROPIC_BASE_URL belong to a server of Anthropic'],
  [502, 'Bad Gateway', 'wrong', 'it fails, or what is before it: see whether it runs (it says: Bad Gateway)'],
  [302, '', 'wrong', 'it sends us on to https://login.example.com: put the address itself into ANTHROPIC_BASE_URL'],
] as const)('a model provider that answers %i %s: %s', async (status, body, kind, words) => {
  const server = createServer((_, answer) => {
    answer.writeHead(status, { location: 'https://login.example.com' }).end(body)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => void server.close())
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const [finding] = await Array.fromAsync(examineModels(localConfig(baseUrl)))
  expect([...(finding?.wrong ?? []), ...(finding?.advice ?? [])]).toEqual([expect.stringContaining(words)])
  expect(finding?.[kind]).toHaveLength(1)
})

test('a right is missing in the cluster', async () => {
  const { doctor, cluster } = await doctorWorld()
  cluster.server.denied.add('delete secrets')
  expect(fault(await doctor())).toMatchObject({
    checked: 'rights',
    cure: expect.stringContaining(
      'add to its Role the rule apiGroups: [""], resources: ["secrets"], verbs: ["delete"]',
    ),
  })
})

test('the cluster does not know us', async () => {
  const { doctor, cluster } = await doctorWorld()
  cluster.server.tokens.clear()
  expect(fault(await doctor())).toMatchObject({
    checked: 'cluster',
    cure: expect.stringContaining('renew the kubeconfig'),
  })
})

test.each([
  [
    'has no room left',
    { hard: { pods: '10', 'requests.memory': '8Gi' }, used: { pods: '3', 'requests.memory': '8Gi' } },
    'no room for a run (all: requests.memory)',
  ],
  [
    'counts what our pods do not name',
    { hard: { 'limits.cpu': '10' }, used: { 'limits.cpu': '0' } },
    'set kubernetes.resources.cpu.limit',
  ],
])('a quota %s', async (_, status, cure) => {
  const { doctor, cluster } = await doctorWorld()
  const quotas = { items: [{ metadata: { name: 'all' }, status }] }
  cluster.server.pages.set('/api/v1/namespaces/runs/resourcequotas', quotas)
  expect(fault(await doctor())).toMatchObject({ checked: 'quota', cure: expect.stringContaining(cure) })
})

test('the image cannot be pulled', async () => {
  const { doctor, cluster } = await doctorWorld()
  cluster.script = () =>
    shows(waitingStatus('ErrImageNeverPull', 'Container image is not present with pull policy of Never'))
  expect(fault(await doctor())).toMatchObject({
    checked: 'a run',
    cure: expect.stringContaining('can pull the image registry.example.com/runtime:1'),
  })
})

test('the pod cannot reach the door', async () => {
  const { doctor, cluster } = await doctorWorld()
  cluster.script = () => ends(10, { exitCode: 70 })
  expect(fault(await doctor())).toMatchObject({
    checked: 'a run',
    cure: expect.stringContaining('can reach http://errand-door.errand:8081'),
  })
})

test('the cluster enforces no network policies: said, and not counted', async () => {
  const { doctor, cluster } = await doctorWorld()
  const open = tells([
    { name: 'the API server', reached: true, why: '' },
    { name: "the cloud's metadata", reached: false, why: 'no answer' },
  ])
  cluster.script = (job) => (job.spec?.template.spec?.containers[0]?.command === undefined ? GOOD(job) : open)
  const report = await doctor()
  expect(report.wrong).toBe(0)
  expect(adviceOf(report)).toContainEqual(
    expect.stringMatching(/^network: agents can reach the API server: have the cluster enforce the NetworkPolicy/),
  )
})

test('what a run reaches is asked from its pod, by a program that needs nothing but Node', async () => {
  const world = await doctorWorld()
  world.cluster.script = (job) => (job.spec?.template.spec?.containers[0]?.command === undefined ? GOOD(job) : obeys)
  // As a proxy does, that lets nobody through.
  const refuses = createServer((_, answer) => void answer.writeHead(403).end('blocked'))
  await new Promise<void>((listening) => refuses.listen(0, '127.0.0.1', listening))
  onTestFinished(() => void refuses.close())
  const answers = createServer((_, answer) => void answer.end('a mirror'))
  await new Promise<void>((listening) => answers.listen(0, '127.0.0.1', listening))
  onTestFinished(() => void answers.close())
  const refusing = `http://127.0.0.1:${(refuses.address() as AddressInfo).port}`
  const environment = {
    NPM_CONFIG_REGISTRY: `http://127.0.0.1:${(answers.address() as AddressInfo).port}/npm/`,
    PIP_INDEX_URL: `http://127.0.0.1:${await freePort()}/simple`,
    HTTPS_PROXY: 'x',
    GOPROXY: `direct,${refusing},https://proxy.example.com`,
  }
  const { said, exit } = await world.process({ kubernetes: { environment } })
  expect(said).toMatch(/^[✔!] network +a run reaches .*/m)
  expect(said).toMatch(
    /^✘ packages +NPM_CONFIG_REGISTRY, PIP_INDEX_URL, GOPROXY\n {2}→ PIP_INDEX_URL is not reached from a run \(.*ECONNREFUSED.*\): see its address/m,
  )
  expect(said).toContain('→ GOPROXY is not reached from a run (it is answered 403)')
  expect(said).not.toContain('→ NPM_CONFIG_REGISTRY')
  expect(said).toMatch(/^✔ Redis +/m)
  expect(said).toMatch(/^\? quota +cannot be looked at with these rights\n {2}→ /m)
  expect(said).toMatch(/^\? hooks +1 not looked at\n {2}→ a Maintainer can look: `errand hooks check/m)
  expect(exit).toBe(2)
  expect(world.cluster.server.objects.list('jobs', '')).toEqual([])
})
