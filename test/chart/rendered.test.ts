/** Whatever the values: what is rendered is valid, keeps no secret in the open, and our own pods keep the restricted profile. */

import { expect, test } from 'vitest'
import { CLUSTERS, MATRIX } from './matrix.ts'
import { containerOf, podsIn } from './pods.ts'
import { all, CHART, joined, LEAST, type Rendered, render, withValues } from './render.ts'
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
  for (const pod of podsIn(objects)) expect(restrictions(pod)).toEqual(KEPT)
})

/** Secrets may hold them, and nothing else. */
function withoutSecrets({ kind }: Rendered): object {
  return kind === 'Secret' ? { stringData: undefined } : {}
}

const KEPT = {
  automount: expect.any(Boolean),
  pod: expect.objectContaining({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }),
  container: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    capabilities: { drop: ['ALL'] },
  },
  memory: expect.any(String),
  hostPaths: [],
}

function restrictions(pod: ReturnType<typeof podsIn>[number]) {
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

test('only what launches runs, or asks whether it could, has a token of the cluster', async () => {
  const pods = podsIn(await render())
  expect(Object.fromEntries(pods.map(({ of, spec }) => [of, spec.automountServiceAccountToken]))).toEqual({
    'errand-serve': false,
    'errand-work': true,
    'errand-door': false,
    'errand-redis': false,
    'errand-doctor': true,
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

function checksums(objects: readonly Rendered[]): Record<string, unknown> {
  const entries = all(objects, 'Deployment').map((object): [string, unknown] => {
    const { template } = object.spec as { template: { metadata: { annotations: Record<string, string> } } }
    return [object.metadata.name, template.metadata.annotations['checksum/config']]
  })
  return Object.fromEntries(entries.sort())
}
