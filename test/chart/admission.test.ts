/** The policy that guards the namespace of the runs, evaluated: our own Jobs pass, and each thing it forbids does not. */

import { Environment } from '@marcbachmann/cel-js'
import { expect, test } from 'vitest'
import { jobOf } from '../../src/kubernetes/job.ts'
import { KubernetesSettings } from '../../src/kubernetes/settings.ts'
import { aTask } from '../tasks/aTask.ts'
import { CLUSTERS } from './matrix.ts'
import { all, render, the } from './render.ts'

type Validation = { readonly expression: string; readonly message: string }

const IMAGES = { java: 'registry.example.com:5000/java:21' }
/** One of each kind that an operator may name. */
const VOLUMES = [
  { name: 'cache', mountPath: '/cache', source: { secret: { secretName: 'listed' } } },
  { name: 'company', mountPath: '/company', source: { configMap: { name: 'listed' } } },
  { name: 'disk', mountPath: '/disk', source: { persistentVolumeClaim: { claimName: 'listed' } } },
  { name: 'vault', mountPath: '/vault', source: { csi: { driver: 'vault', volumeAttributes: { class: 'listed' } } } },
  {
    name: 'tokens',
    mountPath: '/tokens',
    source: {
      projected: {
        sources: [
          { serviceAccountToken: { audience: 'vault', path: 'token' } },
          { secret: { name: 'projected' } },
          { configMap: { name: 'projected' } },
          { downwardAPI: { items: [] } },
        ],
      },
    },
  },
  { name: 'scratch', mountPath: '/scratch', source: { ephemeral: { volumeClaimTemplate: { spec: {} } } } },
  { name: 'own', mountPath: '/own', source: { downwardAPI: { items: [] } } },
]
const PODS = { images: IMAGES, volumes: VOLUMES, pullSecrets: ['registry'], priorityClass: 'low' }
const TIMES = { deadline: 3_600_000, pendingLimit: 900_000, grace: 120_000 }
const KNOWS = CLUSTERS['1.34'] ?? []

async function refusals(
  plural: 'jobs' | 'pods',
  object: unknown,
  values: Readonly<Record<string, unknown>> = { config: { kubernetes: PODS } },
): Promise<readonly string[]> {
  const { spec } = the(await render(values, ...KNOWS), 'ValidatingAdmissionPolicy', `${plural}.errand.ours`)
  // What the object is made of is known to a cluster, and may be anything here.
  const cel = new Environment({ homogeneousAggregateLiterals: false }).registerVariable('object', 'dyn')
  return (spec as { validations: readonly Validation[] }).validations
    .filter(({ expression }) => cel.evaluate(expression, { object }) !== true)
    .map(({ message }) => message)
}

function aJob(pods: object = PODS) {
  const settings = KubernetesSettings.parse({ image: 'registry.example.com/errand-runtime:0.1.0', ...pods })
  const job = jobOf(aTask({ attempt: 1 }), settings, 'http://errand-door.ours.svc:8081', TIMES)
  const pod = structuredClone(job.spec?.template)
  const spec = pod?.spec
  const [container] = spec?.containers ?? []
  if (spec === undefined || container === undefined) throw new Error('a Job without a container')
  const labels: Record<string, string> = { ...pod?.metadata?.labels, 'job-name': job.metadata?.name ?? '' }
  return { job, pod: { metadata: { labels }, spec }, container }
}

test('a run of ours is let in', async () => {
  const { job, pod, container } = aJob()
  expect(await refusals('jobs', job)).toEqual([])
  expect(await refusals('pods', pod)).toEqual([])
  // The worker before an upgrade still starts the image before, and a project may have chosen one.
  for (const image of [
    'registry.example.com/errand-runtime:0.0.9',
    IMAGES.java,
    'registry.example.com/errand-runtime@sha256:ab',
  ]) {
    container.image = image
    expect(await refusals('pods', pod)).toEqual([])
  }
})

test('one that has what the cluster fills in is let in, too', async () => {
  const { pod } = aJob()
  pod.spec.serviceAccountName = 'default'
  // Of the default service account, and of a class that is everybody's.
  pod.spec.imagePullSecrets = [{ name: 'of-the-account' }]
  pod.spec.priorityClassName = 'of-everybody'
  for (const { configMap, projected } of pod.spec.volumes ?? []) {
    if (configMap !== undefined) configMap.defaultMode = 420
    for (const { serviceAccountToken } of projected?.sources ?? [])
      if (serviceAccountToken !== undefined) serviceAccountToken.expirationSeconds = 3600
  }
  expect(await refusals('pods', pod)).toEqual([])
})

test("a run with the company's CA, and with nothing named, is let in", async () => {
  const ca = { name: 'errand-ca', mountPath: '/etc/errand-ca', source: { configMap: { name: 'company-ca' } } }
  expect(await refusals('jobs', aJob({ volumes: [ca] }).job, { ca: { existingConfigMap: 'company-ca' } })).toEqual([])
  expect(await refusals('jobs', aJob({}).job, {})).toEqual([])
  expect(await refusals('jobs', aJob({ volumes: [ca] }).job, {})).toEqual([expect.stringMatching(/its own Secret/)])
})

type Wrong = ReturnType<typeof aJob>

test.each<[string, (wrong: Wrong) => void, RegExp]>([
  ['no label of ours', ({ pod }) => delete pod.metadata.labels['errand/task'], /errand\/task is missing/],
  ['a token of the cluster', ({ pod }) => delete pod.spec.automountServiceAccountToken, /no token/],
  ['a service account', ({ pod }) => (pod.spec.serviceAccountName = 'admin'), /no service account/],
  ["the node's network", ({ pod }) => (pod.spec.hostNetwork = true), /shares nothing/],
  ['another image', ({ container }) => (container.image = 'evil.example.com/errand-runtime:1'), /one of the images/],
  [
    'an image of a longer name',
    ({ container }) => (container.image = 'registry.example.com/errand-runtime-x:1'),
    /one of the images/,
  ],
  [
    'an init container of another image',
    ({ pod, container }) => (pod.spec.initContainers = [{ ...container, image: 'evil' }]),
    /one of the images/,
  ],
  ['privileges', ({ container }) => (container.securityContext = {}), /no privileges/],
  [
    'a capability',
    ({ container }) =>
      (container.securityContext = {
        ...container.securityContext,
        capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] },
      }),
    /no privileges/,
  ],
  [
    'a variable from a Secret',
    ({ container }) => (container.env = [{ name: 'A', valueFrom: { secretKeyRef: { name: 'other', key: 'k' } } }]),
    /No variable/,
  ],
  ['all of a Secret', ({ container }) => (container.envFrom = [{ secretRef: { name: 'other' } }]), /No variable/],
  [
    "another run's Secret",
    ({ pod }) => pod.spec.volumes?.push({ name: 'x', secret: { secretName: '42-n1-1' } }),
    /its own Secret/,
  ],
  [
    'a folder of the node',
    ({ pod }) => pod.spec.volumes?.push({ name: 'x', hostPath: { path: '/' } }),
    /its own Secret/,
  ],
  ['a node of its choice', ({ pod }) => (pod.spec.nodeName = 'control-plane'), /names no node/],
  ...Object.entries({
    'a projected token of the cluster': { projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
    'a token for the API server': {
      projected: { sources: [{ serviceAccountToken: { audience: 'https://kubernetes.default.svc', path: 'token' } }] },
    },
    'a projected Secret': { projected: { sources: [{ secret: { name: '42-n1-1' } }] } },
    "a listed Secret's name in a projection": { projected: { sources: [{ secret: { name: 'listed' } }] } },
    'a projection with one part too many': {
      projected: { sources: [{ secret: { name: 'projected' } }, { configMap: { name: 'other' } }] },
    },
    'a projected bundle': { projected: { sources: [{ clusterTrustBundle: { name: 'a', path: 'a' } }] } },
    'another ConfigMap': { configMap: { name: 'other' } },
    'another claim': { persistentVolumeClaim: { claimName: 'other' } },
    'another driver': { csi: { driver: 'other', volumeAttributes: { class: 'listed' } } },
    'another class of a driver': { csi: { driver: 'vault', volumeAttributes: { class: 'other' } } },
    'no class of a driver': { csi: { driver: 'vault' } },
    "a Secret for a driver's own use": {
      csi: { driver: 'vault', volumeAttributes: { class: 'listed' }, nodePublishSecretRef: { name: '42-n1-1' } },
    },
    "a copy of somebody's disk": {
      ephemeral: {
        volumeClaimTemplate: {
          spec: { accessModes: [], dataSource: { kind: 'PersistentVolumeClaim', name: 'other' } },
        },
      },
    },
    'a disk of the network': { nfs: { server: 'nfs.example.com', path: '/' } },
    'an image as a volume': { image: { reference: 'evil.example.com/x' } },
  }).map(([what, source]): [string, (wrong: Wrong) => void, RegExp] => [
    what,
    ({ pod }) => pod.spec.volumes?.push({ name: 'x', ...source }),
    /its own Secret/,
  ]),
  ['no limit of memory', ({ container }) => delete container.resources, /limit of memory/],
])('a pod with %s is not', async (_, change, message) => {
  const wrong = aJob()
  change(wrong)
  expect(await refusals('pods', wrong.pod)).toEqual([expect.stringMatching(message)])
})

test.each<[string, (spec: Wrong['pod']['spec']) => void, RegExp]>([
  ['a node of its choice', (spec) => (spec.nodeName = 'control-plane'), /names no node/],
  [
    "another run's Secret",
    (spec) => spec.volumes?.push({ name: 'x', secret: { secretName: '42-n1-1' } }),
    /its own Secret/,
  ],
  ['another image pull secret', (spec) => spec.imagePullSecrets?.push({ name: 'other' }), /image pull secrets/],
  ['another priority class', (spec) => (spec.priorityClassName = 'system-node-critical'), /priority class/],
])('a Job with %s is not', async (_, change, message) => {
  const { job } = aJob()
  const spec = job.spec?.template.spec
  if (spec === undefined || spec === null) throw new Error('a Job without a pod')
  change(spec)
  expect(await refusals('jobs', job)).toEqual([expect.stringMatching(message)])
})

test('where none is named a Job has no image pull secret and no priority class', async () => {
  const { job } = aJob({ pullSecrets: ['registry'], priorityClass: 'low' })
  expect(await refusals('jobs', job, {})).toEqual([
    expect.stringMatching(/image pull secrets/),
    expect.stringMatching(/priority class/),
  ])
})

test('a cluster that does not know such policies gets none, unless told to', async () => {
  const known = async (values: object, ...args: readonly string[]) =>
    all(await render({ runs: { admissionPolicy: values } }, ...args), 'ValidatingAdmissionPolicy').length
  expect(await known({}, '--kube-version', '1.20.2')).toBe(0)
  expect(await known({}, ...KNOWS)).toBe(2)
  expect(await known({ enabled: false }, ...KNOWS)).toBe(0)
  expect(await known({ enabled: true }, '--kube-version', '1.20.2')).toBe(2)
})
