/** Task → Job and Secret: the restricted profile rule by rule, and what the operator may and may not change. */

import { expect, test } from 'vitest'
import { jobOf, secretOf } from '../../src/kubernetes/job.ts'
import { annotationsOf, requestDigest, TASK_ANNOTATION, taskFromJob } from '../../src/kubernetes/record.ts'
import { KubernetesSettings } from '../../src/kubernetes/settings.ts'
import type { Job } from '../../src/kubernetes/wire.ts'
import { aTask, ON_PAGE } from '../tasks/aTask.ts'

const TIMES = { deadline: 3_600_000, pendingLimit: 900_000, grace: 120_000 }
const TASK = aTask({ attempt: 2, state: 'starting' })
type Given = Parameters<typeof KubernetesSettings.parse>[0] & object

function made(given: Given = {}, task = TASK): Job {
  return jobOf(task, KubernetesSettings.parse({ image: 'runtime:1', ...given }), 'http://door:8081', TIMES)
}
function pod(job: Job) {
  const spec = job.spec?.template.spec
  const container = spec?.containers[0]
  if (spec === undefined || container === undefined) throw new Error('a Job without a pod')
  return { spec, container }
}

test('names and labels', () => {
  const { metadata, spec } = made()
  expect(metadata?.name).toBe('42-n1337-2')
  const labels = {
    'app.kubernetes.io/name': 'errand',
    'app.kubernetes.io/component': 'run',
    'app.kubernetes.io/managed-by': 'errand',
    'errand/task': '42-n1337',
    'errand/project': '42',
    'errand/attempt': '2',
  }
  expect(metadata?.labels).toEqual(labels)
  expect(spec?.template.metadata?.labels).toEqual(labels)
})

test('one pod, which keeps its evidence: the deadline is the pod’s, the Job’s is the last net', () => {
  const { spec } = made()
  expect(spec).toMatchObject({
    backoffLimit: 0,
    podReplacementPolicy: 'Failed',
    ttlSecondsAfterFinished: 86_400,
    activeDeadlineSeconds: 3600 + 900 + 120,
    template: {
      spec: { restartPolicy: 'Never', activeDeadlineSeconds: 3600, terminationGracePeriodSeconds: 120 },
    },
  })
})

test('the contract: door, credential, workspace, last words', () => {
  const { spec, container } = pod(made())
  expect(Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value]))).toEqual({
    ERRAND_DOOR: 'http://door:8081',
    ERRAND_CREDENTIAL_FILE: '/var/run/errand/credential',
    ERRAND_WORKSPACE: '/workspace',
    ERRAND_TERMINATION_FILE: '/dev/termination-log',
  })
  expect(container.terminationMessagePath).toBe('/dev/termination-log')
  expect(container.terminationMessagePolicy).toBe('File')
  expect(spec.volumes?.find(({ name }) => name === 'credential')?.secret?.secretName).toBe('42-n1337-2')
})

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/, baseline and restricted, rule by rule. */
const RESTRICTED: readonly (readonly [rule: string, holds: (of: ReturnType<typeof pod>) => boolean])[] = [
  ['HostProcess', ({ spec }) => spec.securityContext?.windowsOptions === undefined],
  ['Host Namespaces', ({ spec }) => !spec.hostNetwork && !spec.hostPID && !spec.hostIPC],
  ['Privileged Containers', ({ container }) => container.securityContext?.privileged !== true],
  [
    'Capabilities',
    ({ container: { securityContext } }) =>
      securityContext?.capabilities?.drop?.join() === 'ALL' && securityContext.capabilities.add === undefined,
  ],
  ['HostPath Volumes', ({ spec }) => spec.volumes?.every(({ hostPath }) => hostPath === undefined) === true],
  ['Host Ports', ({ container }) => container.ports === undefined],
  ['AppArmor', ({ container }) => container.securityContext?.appArmorProfile === undefined],
  ['SELinux', ({ container }) => container.securityContext?.seLinuxOptions === undefined],
  ['/proc Mount Type', ({ container }) => container.securityContext?.procMount === undefined],
  [
    'Seccomp',
    ({ spec, container }) =>
      [spec, container].every(({ securityContext }) => securityContext?.seccompProfile?.type === 'RuntimeDefault'),
  ],
  ['Sysctls', ({ spec }) => spec.securityContext?.sysctls === undefined],
  [
    'Volume Types',
    ({ spec }) =>
      spec.volumes?.every((volume) =>
        Object.keys(volume).every((key) =>
          [
            'name',
            'configMap',
            'csi',
            'downwardAPI',
            'emptyDir',
            'ephemeral',
            'persistentVolumeClaim',
            'projected',
            'secret',
          ].includes(key),
        ),
      ) === true,
  ],
  ['Privilege Escalation', ({ container }) => container.securityContext?.allowPrivilegeEscalation === false],
  [
    'Running as Non-root',
    ({ spec, container }) => [spec, container].every(({ securityContext }) => securityContext?.runAsNonRoot === true),
  ],
  [
    'Running as Non-root user',
    ({ spec, container }) =>
      spec.securityContext?.runAsUser !== 0 && container.securityContext?.runAsUser === undefined,
  ],
  ['our own: no token of the API server', ({ spec }) => spec.automountServiceAccountToken === false],
  [
    'our own: a root file system that is read only',
    ({ container }) => container.securityContext?.readOnlyRootFilesystem === true,
  ],
  ['our own: no list of services in the environment', ({ spec }) => spec.enableServiceLinks === false],
  [
    'our own: every resource is limited or asked for',
    ({ container }) =>
      ['cpu', 'memory', 'ephemeral-storage'].every((name) => container.resources?.requests?.[name] !== undefined) &&
      ['memory', 'ephemeral-storage'].every((name) => container.resources?.limits?.[name] !== undefined),
  ],
]

const EVERYTHING: Given = {
  pullPolicy: 'Always',
  pullSecrets: ['registry'],
  user: null,
  resources: { cpu: { limit: 2 } },
  nodeSelector: { pool: 'agents' },
  tolerations: [{ key: 'agents', operator: 'Exists', effect: 'NoSchedule' }],
  affinity: { nodeAffinity: {} },
  runtimeClass: 'gvisor',
  priorityClass: 'low',
  labels: { team: 'tools' },
  annotations: { 'example.com/scrape': 'no' },
  environment: { HTTPS_PROXY: 'http://proxy:3128' },
  volumes: [{ name: 'ca', mountPath: '/etc/ca', source: { configMap: { name: 'ca' } } }],
  projects: { '42': { image: 'special:1', resources: { memory: { limit: '16Gi' } } }, 'demo/other': { image: 'no:1' } },
  keep: 60,
}

for (const [name, given] of [
  ['bare', {}],
  ['with everything set', EVERYTHING],
] as const) {
  for (const [rule, holds] of RESTRICTED) {
    test(`restricted profile, ${name}: ${rule}`, () => expect(holds(pod(made(given)))).toBe(true))
  }
}

test('everything that the operator sets arrives', () => {
  const job = made(EVERYTHING)
  const { spec, container } = pod(job)
  expect(spec).toMatchObject({
    imagePullSecrets: [{ name: 'registry' }],
    nodeSelector: { pool: 'agents' },
    tolerations: [{ key: 'agents' }],
    affinity: { nodeAffinity: {} },
    runtimeClassName: 'gvisor',
    priorityClassName: 'low',
  })
  expect(container).toMatchObject({ image: 'special:1', imagePullPolicy: 'Always' })
  expect(container.env).toContainEqual({ name: 'HTTPS_PROXY', value: 'http://proxy:3128' })
  expect(container.volumeMounts).toContainEqual({ name: 'ca', mountPath: '/etc/ca', readOnly: true })
  expect(container.resources).toEqual({
    requests: { cpu: '2', memory: '16Gi', 'ephemeral-storage': '2Gi' },
    limits: { cpu: '2', memory: '16Gi', 'ephemeral-storage': '20Gi' },
  })
  expect(job.metadata?.labels).toMatchObject({ team: 'tools', 'errand/task': '42-n1337' })
  expect(job.spec?.template.metadata?.annotations).toEqual({ 'example.com/scrape': 'no' })
  expect(job.spec?.ttlSecondsAfterFinished).toBe(60)
})

test('a project may be named by its path', () => {
  expect(pod(made({ projects: { 'demo/shop': { image: 'by-path:1' } } })).container.image).toBe('by-path:1')
})

const REFUSED: readonly (readonly [what: string, given: Given, message: RegExp])[] = [
  ['no image', { image: undefined }, /image/],
  ['a misspelt setting', { imgae: 'x' }, /imgae/],
  ['a wrong quantity', { resources: { memory: { limit: '4 GB' } } }, /a quantity as 500m, 2, 4Gi/],
  ['root', { user: 0 }, /never root/],
  ['a label of ours', { labels: { 'errand/task': 'x' } }, /set by Errand/],
  ['a variable of ours', { environment: { ERRAND_DOOR: 'x' } }, /set by Errand/],
  [
    'a host path',
    { volumes: [{ name: 'a', mountPath: '/a', source: { hostPath: { path: '/' } } }] },
    /restricted pod security profile/,
  ],
  [
    'two kinds of one volume',
    { volumes: [{ name: 'a', mountPath: '/a', source: { emptyDir: {}, configMap: {} } }] },
    /one kind of volume/,
  ],
  [
    'a volume over the workspace',
    { volumes: [{ name: 'a', mountPath: '/workspace/repo', source: { emptyDir: {} } }] },
    /not at, above or below/,
  ],
  [
    'a volume over everything',
    { volumes: [{ name: 'a', mountPath: '/', source: { emptyDir: {} } }] },
    /not at, above or below/,
  ],
  [
    'a volume over the credential',
    { volumes: [{ name: 'a', mountPath: '/var/run/errand/', source: { emptyDir: {} } }] },
    /not at, above or below/,
  ],
  [
    'a name of ours',
    { volumes: [{ name: 'credential', mountPath: '/a', source: { emptyDir: {} } }] },
    /taken by Errand/,
  ],
]
for (const [what, given, message] of REFUSED)
  test(`refused at the start: ${what}`, () => expect(() => made(given)).toThrow(message))

test('an image that its project chose, as long as the operator has it', () => {
  const wants = (image: string) => ({
    ...TASK,
    ways: { trigger: '/agent', labels: { todo: 'a', doing: 'b', done: 'c', failed: 'd' }, image },
  })
  const settings = { images: { 'node-24': 'node:24' }, projects: { '42': { image: 'special:1' } } }
  expect(pod(made(settings, wants('node-24'))).container.image).toBe('node:24')
  expect(pod(made(settings, wants('node-26'))).container.image).toBe('special:1')
  expect(taskFromJob(made(settings, wants('node-24')))?.ways).toEqual(wants('node-24').ways)
})

test('the Secret: one key, owned by its Job', () => {
  const job = made()
  const born = { ...job, metadata: { ...job.metadata, uid: 'u1' } }
  expect(secretOf(born, 'secret words')).toMatchObject({
    metadata: {
      name: '42-n1337-2',
      ownerReferences: [{ kind: 'Job', name: '42-n1337-2', uid: 'u1', controller: true }],
    },
    stringData: { credential: 'secret words' },
  })
})

test('the annotation holds the task, and nothing of its state; what it holds comes back', () => {
  const task = { ...TASK, prompt: 'x — ä\n'.repeat(20_000), stop: { at: 1 }, status: undefined }
  const job = made({}, task)
  const { stop: _, ...same } = task
  expect(taskFromJob(job)).toEqual({ ...same, since: task.attemptAt, launched: true })
  expect(job.metadata?.annotations?.[TASK_ANNOTATION]?.length).toBeLessThan(1000)
})

test('what was asked on the page comes back as that', () => {
  const task = { ...TASK, ...ON_PAGE }
  expect(taskFromJob(made({}, task))).toEqual({ ...task, since: task.attemptAt, launched: true })
  expect(requestDigest({ ...task, thread: { projectId: 42, on: 'merge_request', iid: 1, internal: false } })).toBe(
    requestDigest(task),
  )
})

test('the largest prompt there is fits, even when it does not compress', () => {
  const prompt = Array.from({ length: 100_000 }, () => String.fromCharCode(33 + Math.random() * 90)).join('')
  const size = Object.values(annotationsOf({ ...TASK, prompt })).join('').length
  expect(size, 'the API server takes 256 KiB of annotations').toBeLessThan(200_000)
})

for (const [what, annotations] of [
  ['no annotation', {}],
  ['no compression', { [TASK_ANNOTATION]: 'e30=' }],
  ['another task', annotationsOf({ ...TASK, id: '42-n9' })],
  ['another attempt', annotationsOf({ ...TASK, attempt: 9 })],
] as const) {
  test(`a Job is not read as a task: ${what}`, () => {
    const job = made()
    expect(taskFromJob({ ...job, metadata: { ...job.metadata, annotations } })).toBeUndefined()
  })
}

test('the digest of a request does not depend on when, or by whom, its record was made', () => {
  expect(requestDigest({ ...TASK, createdAt: 5, attempt: 7, about: 'renamed' })).toBe(requestDigest(TASK))
  expect(requestDigest({ ...TASK, prompt: 'something else' })).not.toBe(requestDigest(TASK))
})
