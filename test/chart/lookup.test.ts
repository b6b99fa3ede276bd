/** What the chart looks up in the cluster that it is installed in. */

import { expect, test } from 'vitest'
import { type There, withApiServer } from './apiServer.ts'
import { all, render, the } from './render.ts'

const KUBERNETES: readonly There[] = [
  { kind: 'Service', metadata: { name: 'kubernetes', namespace: 'default' }, spec: { clusterIP: '10.96.0.1' } },
  {
    kind: 'Endpoints',
    metadata: { name: 'kubernetes', namespace: 'default' },
    subsets: [{ addresses: [{ ip: '192.0.2.10' }, { ip: '192.0.2.11' }] }],
  },
]

/** As helm marks what a release of this name made. */
const OWNED = {
  labels: { 'app.kubernetes.io/managed-by': 'Helm' },
  annotations: { 'meta.helm.sh/release-name': 'errand', 'meta.helm.sh/release-namespace': 'ours' },
}

function exceptOf(objects: Awaited<ReturnType<typeof render>>): unknown {
  const { egress } = the(objects, 'NetworkPolicy', 'errand').spec as {
    egress: readonly { to: readonly { ipBlock?: { except?: readonly string[] } }[] }[]
  }
  return egress.at(-1)?.to[0]?.ipBlock?.except
}

test('the API server is never reached at the addresses that are told, nor at those that are found', async () => {
  const network = { allow: [{ cidr: '0.0.0.0/0' }], never: [], apiServer: ['198.51.100.7'] }
  await withApiServer(KUBERNETES, async (...args) => {
    expect(exceptOf(await render({ runs: { network } }, ...args))).toEqual([
      '198.51.100.7/32',
      '10.96.0.1/32',
      '192.0.2.10/32',
      '192.0.2.11/32',
    ])
    expect(exceptOf(await render({ runs: { network: { ...network, findApiServer: false } } }, ...args))).toEqual([
      '198.51.100.7/32',
    ])
  })
})

test('what was made at the first install is kept', async () => {
  const made = { ERRAND_KEY: 'k'.repeat(64), REDIS_PASSWORD: 'p'.repeat(40) }
  const data = Object.fromEntries(
    Object.entries(made).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  )
  await withApiServer(
    [{ kind: 'Secret', metadata: { name: 'errand', namespace: 'ours', ...OWNED }, data }],
    async (...args) => {
      expect(the(await render({}, ...args), 'Secret').stringData).toMatchObject(made)
    },
  )
})

test("another Redis' address in a Secret of the operator's replaces the pods", async () => {
  const sums = (url: string) =>
    withApiServer(
      [
        {
          kind: 'Secret',
          metadata: { name: 'mine', namespace: 'ours' },
          data: { REDIS_URL: Buffer.from(url).toString('base64') },
        },
      ],
      async (...args) => {
        const objects = await render({ secrets: { existing: 'mine', keys: ['REDIS_URL'] } }, ...args)
        return all(objects, 'Deployment').map(({ spec }) => JSON.stringify(spec))
      },
    )
  const [before, same, after] = await Promise.all([sums('redis://a'), sums('redis://a'), sums('redis://b')])
  expect(same).toEqual(before)
  expect(after.filter((spec) => before.includes(spec))).toEqual([])
})

const BEFORE: readonly There[] = [
  {
    kind: 'ConfigMap',
    metadata: {
      name: 'errand',
      namespace: 'ours',
      ...OWNED,
      annotations: { ...OWNED.annotations, 'errand/made-namespace': 'ours-runs' },
    },
  },
]

function namespaceOfRuns(annotations: object = {}): There {
  return {
    kind: 'Namespace',
    metadata: { name: 'ours-runs', ...OWNED, annotations: { ...OWNED.annotations, ...annotations } },
  }
}

test('a namespace with runs in it is deleted by no upgrade', async () => {
  await withApiServer([...BEFORE, namespaceOfRuns()], async (...args) => {
    expect(the(await render({}, ...args), 'ConfigMap', 'errand').metadata.annotations).toEqual({
      'errand/made-namespace': 'ours-runs',
    })
    for (const runs of [{ createNamespace: false }, { namespace: 'another' }])
      await expect(render({ runs }, ...args)).rejects.toThrow(
        'helm would now delete the namespace ours-runs, which this release made, with every run in it: keep it with `kubectl annotate namespace ours-runs helm.sh/resource-policy=keep`',
      )
  })
  const kept = [...BEFORE, namespaceOfRuns({ 'helm.sh/resource-policy': 'keep' })]
  await withApiServer(kept, async (...args) => {
    const objects = await render({ runs: { createNamespace: false } }, ...args)
    expect(all(objects, 'Namespace')).toEqual([])
    expect(the(objects, 'ConfigMap', 'errand').metadata.annotations).toBeUndefined()
  })
})
