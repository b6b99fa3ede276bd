/** Whatever the values: what is rendered is valid, keeps no secret in the open, and our own pods keep the restricted profile. */

import { expect, test } from 'vitest'
import { CLUSTERS, MATRIX } from './matrix.ts'
import { containerOf, type PodOf, podsIn } from './pods.ts'
import { all, CHART, joined, LEAST, type Rendered, render, the, withValues } from './render.ts'
import { helm } from './tools.ts'
import { problemsOf } from './validate.ts'

const CASES = Object.entries(MATRIX).flatMap(([what, values]) =>
  Object.entries(CLUSTERS).map(([version, args]) => ({ what, version, values, args })),
)

test.each(CASES)('$what on $version', async ({ values, args }) => {
  const objects = await render(values, ...args)
  for (const object of objects)
    expect([object.kind, object.metadata.name, await problemsOf(object)]).toEqual([
      object.kind,
      object.metadata.name,
      [],
    ])
  const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace} ${metadata.name}`)
  expect(names).toEqual([...new Set(names)])
  for (const object of objects) expect(JSON.stringify({ ...object, ...withoutSecrets(object) })).not.toMatch(/planted-/)
  for (const pod of podsIn(objects)) expect(restrictions(pod)).toEqual(keptBy(pod))
})

/** Secrets may hold them, and nothing else. */
function withoutSecrets({ kind }: Rendered): object {
  return kind === 'Secret' ? { stringData: undefined } : {}
}

/** Only what launches runs, or asks whether it could, has a token of the cluster. */
const LAUNCHES = ['work', 'all', 'doctor']

const keptBy = ({ labels }: PodOf) => ({
  automount: LAUNCHES.includes(labels['app.kubernetes.io/component'] ?? ''),
  pod: expect.objectContaining({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }),
  container: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    capabilities: { drop: ['ALL'] },
  },
  memory: expect.any(String),
  hostPaths: [],
})

function restrictions(pod: PodOf) {
  const { securityContext, resources } = containerOf(pod)
  return {
    automount: pod.spec.automountServiceAccountToken,
    pod: pod.spec.securityContext,
    container: securityContext,
    memory: resources?.limits?.memory,
    hostPaths: (pod.spec.volumes ?? []).filter(({ hostPath }) => hostPath !== undefined),
  }
}

test('helm finds nothing to improve', async () => {
  for (const values of Object.values(MATRIX))
    await withValues(joined(LEAST, values), async (file) => {
      expect(await helm('lint', '--strict', CHART, '--values', file)).toContain('0 chart(s) failed')
    })
})

test("the doctor's pod stays only where he found something", async () => {
  expect(the(await render(), 'Pod').metadata.annotations).toMatchObject({
    'helm.sh/hook': 'test',
    'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
  })
})

test('an object that is wrong is found out', async () => {
  const [role] = all(await render(), 'Role')
  const wrong = { ...role, kind: 'Role', apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name: 'a' } }
  expect(await problemsOf({ ...wrong, rules: [{ verb: ['get'] }] })).toEqual([
    expect.stringMatching(/verbs/),
    'Role.rules[0].verb: there is no such field',
  ])
})

test('what a configuration changes replaces the pods, and what it does not leaves them', async () => {
  const before = checksums(await render())
  const after = checksums(await render({ config: { trigger: '/bot' } }))
  expect(Object.keys(before)).toEqual(['errand-door', 'errand-serve', 'errand-work'])
  for (const [name, sum] of Object.entries(before)) expect(after[name]).not.toBe(sum)
  expect(checksums(await render({ service: { port: 8000 } }))).toEqual(before)
})

test('another Redis, or password, replaces the pods', async () => {
  const key = { ERRAND_KEY: 'k'.repeat(64) }
  const pods = async (values: object) => {
    const objects = await render(values as Record<string, unknown>)
    const kinds = [...all(objects, 'Deployment'), ...all(objects, 'StatefulSet')]
    return kinds.map((object) => JSON.stringify((object.spec as { template: object }).template))
  }
  for (const [before, after, count] of [
    [{ secrets: { values: { REDIS_URL: 'redis://:p@a' } } }, { secrets: { values: { REDIS_URL: 'redis://:q@a' } } }, 3],
    [{ redis: { external: 'redis://a' } }, { redis: { external: 'redis://b' } }, 3],
    [
      { secrets: { values: { ...key, REDIS_PASSWORD: 'a'.repeat(16) } } },
      { secrets: { values: { ...key, REDIS_PASSWORD: 'b'.repeat(16) } } },
      4,
    ],
    [{ secrets: { values: key } }, { secrets: { values: { ERRAND_KEY: 'q'.repeat(64) } } }, 4],
  ] as const) {
    const old = await pods(before)
    expect(old).toHaveLength(count)
    expect(await pods(before)).toEqual(old)
    expect((await pods(after)).filter((pod) => old.includes(pod))).toEqual([])
  }
})

function checksums(objects: readonly Rendered[]): Record<string, unknown> {
  const entries = all(objects, 'Deployment').map((object): [string, unknown] => {
    const { template } = object.spec as { template: { metadata: { annotations: Record<string, string> } } }
    return [object.metadata.name, template.metadata.annotations['checksum/config']]
  })
  return Object.fromEntries(entries.sort())
}
