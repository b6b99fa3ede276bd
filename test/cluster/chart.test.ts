/** The chart on a real cluster, as an operator would: see chartWorld.ts. One install; each test goes on where the one before ended. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { helm } from '../chart/tools.ts'
import { clearChart, listed, OURS, pods, RELEASE, RUNS, SECRET, startChartWorld, until } from './chartWorld.ts'

/** What Errand reads once, at its start. */
const UPGRADED = { config: { limits: { turns: 400 } } }

let world: Awaited<ReturnType<typeof startChartWorld>>

beforeAll(async () => {
  await clearChart()
  world = await startChartWorld()
}, 300_000)

afterAll(async () => {
  await world[Symbol.asyncDispose]()
  await clearChart()
}, 300_000)

/** By what they are for: their uid changes when they are replaced. */
async function ours(): Promise<Record<string, string>> {
  const entries = (await pods(OURS)).map(({ metadata }): [string, string] => [
    metadata.labels?.['app.kubernetes.io/component'] ?? metadata.name,
    metadata.uid,
  ])
  return Object.fromEntries(entries.sort())
}

async function running(): Promise<readonly string[]> {
  return (await pods(RUNS)).map(({ metadata }) => metadata.uid)
}

async function key(): Promise<string | undefined> {
  const secrets = await listed(`/api/v1/namespaces/${OURS}/secrets`)
  return secrets.find(({ metadata }) => metadata.name === RELEASE)?.data?.ERRAND_KEY
}

test('after the install a comment becomes a merge request', async () => {
  expect(await world.helm('install')).toContain('helm test')
  expect(Object.keys(await ours())).toEqual(['door', 'serve', 'work'])
  const task = await world.say('/agent add a health check')
  expect(await world.answer(task)).toContain('is ready for review')
  expect(await world.mergeRequests()).toMatchObject([{ source_branch: `agent/${task}` }])
})

test('helm test has the doctor look at everything', async () => {
  const said = await helm('test', RELEASE, '--namespace', OURS, '--logs', '--timeout', '4m')
  expect(said).toMatch(/✔ Redis[\s\S]*✔ GitLab[\s\S]*✔ rights[\s\S]*✔ a run/)
  expect(said).not.toContain('✘')
})

test('an upgrade in the middle of ten runs replaces our pods and keeps the runs: ten merge requests', async () => {
  const [before, keyBefore] = [await ours(), await key()]
  const tasks: string[] = []
  for (let run = 1; run <= 10; run++) tasks.push(await world.say(`/agent add health check ${run}\nrehearse: wait 60 s`))
  await Promise.all(
    tasks.map((task) =>
      until(`${task} to work`, async () => (/: waits/.test((await world.status(task)) ?? '') ? true : undefined)),
    ),
  )
  const runs = await running()
  expect(runs).toHaveLength(10)
  await world.helm('upgrade', UPGRADED)
  const after = await ours()
  for (const [part, uid] of Object.entries(before)) expect([part, after[part]]).not.toEqual([part, uid])
  expect(await key()).toBe(keyBefore)
  // Some may have ended by now; none was begun again.
  const still = await running()
  expect(still.length).toBeGreaterThan(0)
  expect(runs).toEqual(expect.arrayContaining([...still]))
  for (const task of tasks) expect(await world.answer(task)).toContain('is ready for review')
  const branches = (await world.mergeRequests()).map(({ source_branch }) => source_branch)
  expect(branches).toEqual(expect.arrayContaining(tasks.map((task) => `agent/${task}`)))
  expect(branches).toHaveLength(11)
})

test('a secret that is exchanged counts without a restart', async () => {
  const before = await ours()
  await world.helm('upgrade', { ...UPGRADED, secrets: { values: { WEBHOOK_SECRETS: `a-newer-one,${SECRET}` } } })
  await until('the newer secret to be taken', async () => {
    const { status } = await fetch(`${world.values.url}/hook`, {
      method: 'POST',
      headers: { 'X-Gitlab-Token': 'a-newer-one', 'X-Gitlab-Event': 'Push Hook', 'content-type': 'application/json' },
      body: '{"object_kind":"push"}',
    })
    return status === 200 ? true : undefined
  })
  expect(await ours()).toEqual(before)
})

test('an uninstall leaves nothing', async () => {
  await helm('uninstall', RELEASE, '--namespace', OURS, '--wait', '--timeout', '4m')
  await until('the namespace of the runs to go', async () => {
    const left = (await listed('/api/v1/namespaces')).filter(({ metadata }) => metadata.name === RUNS)
    return left.length === 0 ? true : undefined
  })
  const kinds = ['/api/v1', '/apis/apps/v1', '/apis/networking.k8s.io/v1', '/apis/rbac.authorization.k8s.io/v1']
  const plurals = [
    ['pods', 'services', 'secrets', 'configmaps', 'serviceaccounts'],
    ['deployments', 'statefulsets'],
    ['networkpolicies', 'ingresses'],
    ['roles', 'rolebindings'],
  ]
  const left = await until('our pods to go', async () => {
    const found = await Promise.all(
      kinds.flatMap((group, index) =>
        (plurals[index] ?? []).map(async (plural) =>
          (await listed(`${group}/namespaces/${OURS}/${plural}`)).map(({ metadata }) => `${plural}/${metadata.name}`),
        ),
      ),
    )
    // What every namespace has.
    const rest = found.flat().filter((name) => !/\/(default(-token-.*)?|kube-root-ca\.crt)$/.test(name))
    return rest.some((name) => name.startsWith('pods/')) ? undefined : rest
  })
  expect(left).toEqual([])
})
