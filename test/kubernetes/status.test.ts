/** What is made of Jobs and pods: first of objects that a real cluster has shown, then row by row of what clusters do. */

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { keepOfJob, keepOfPod } from '../../src/kubernetes/keep.ts'
import { refusalOf } from '../../src/kubernetes/refusal.ts'
import { runOf, type Sight } from '../../src/kubernetes/status.ts'
import type { Job, Pod } from '../../src/kubernetes/wire.ts'
import type { Run } from '../../src/tasks/runner.ts'
import { runningStatus, terminatedStatus, unscheduled, waitingStatus } from './standIn/scripts.ts'

const LIMITS = { pending: 900_000, image: 180_000, slack: 60_000 }
const BORN = Date.UTC(2026, 10, 22, 16, 23, 24)
const SECOND = 1000
const text = (part: string) => expect.stringContaining(part)

function recorded(name: string): Sight {
  const read: { job?: Job; pod?: Pod } = JSON.parse(
    readFileSync(new URL(`recorded/${name}.json`, import.meta.url), 'utf8'),
  )
  return { job: read.job && keepOfJob(read.job), pods: read.pod === undefined ? [] : [keepOfPod(read.pod)] }
}

const RECORDED: readonly (readonly [file: string, run: object, seconds?: number])[] = [
  ['creating', { is: 'waiting', why: '' }],
  ['creating', { is: 'ended', cause: 'unschedulable', infrastructure: true }, 901],
  ['succeeded', { is: 'ended', exit: 0, why: text('left no outcome') }],
  ['exit-12-with-last-words', { is: 'ended', exit: 12, why: text('on agent/42-n1, commit c0ffee00') }],
  ['exit-1', { is: 'ended', exit: 1, cause: 'image', infrastructure: false }],
  ['out-of-memory', { is: 'ended', cause: 'out-of-memory', infrastructure: false, why: text('32Mi') }],
  ['no-such-program', { is: 'ended', cause: 'image', infrastructure: false, why: text('/bin/nosuch') }],
  ['deadline-still-saving', { is: 'running' }],
  ['deadline-still-saving', { is: 'ended', cause: 'deadline', infrastructure: false }, 15],
  ['no-room', { is: 'waiting', why: text('0/1 nodes are available: 1 Insufficient memory.') }],
  ['no-room', { is: 'ended', cause: 'unschedulable', why: text('0/1 nodes') }, 901],
  ['image-runs-as-root', { is: 'waiting', why: text('image will run as root') }],
  ['image-runs-as-root', { is: 'ended', cause: 'rejected-by-cluster', why: text('image will run as root') }, 181],
  ['image-never-pulled', { is: 'ended', cause: 'image', infrastructure: false, why: text('not present') }],
  ['image-name-invalid', { is: 'ended', cause: 'image', infrastructure: false, why: text('must be lowercase') }],
  ['image-registry-away', { is: 'waiting', why: text('connection refused') }],
  ['image-registry-away', { is: 'ended', cause: 'image', infrastructure: true, why: text('connection refused') }, 181],
  ['stopped-while-pending', { is: 'waiting', why: 'it is being removed' }],
  ['stopped-while-running', { is: 'running', since: BORN + 2 * SECOND }],
  ['stopped-while-running', { is: 'absent' }, 80],
]

for (const [file, run, seconds = 8] of RECORDED) {
  test(`recorded: ${file}, after ${seconds} s`, () => {
    expect(runOf(recorded(file), BORN + seconds * SECOND, LIMITS)).toMatchObject(run)
  })
}

const JOB: Job = { metadata: { name: '42-n1-1', uid: 'job', creationTimestamp: iso(0) }, spec: { template: {} } }
const jobWith = (more: Partial<Job>): Job => ({ ...JOB, ...more })
const jobIs = (type: string, reason?: string): Job =>
  jobWith({ status: { conditions: [{ type, status: 'True', ...(reason && { reason }) }] } })
const pod = (status: NonNullable<Pod['status']>, metadata: NonNullable<Pod['metadata']> = {}): Pod => ({
  metadata: { name: 'p', uid: 'first', creationTimestamp: iso(0), ...metadata },
  spec: { containers: [{ name: 'agent', resources: { limits: { memory: '4Gi' } } }] },
  status,
})
function iso(seconds: number): string {
  return new Date(BORN + seconds * SECOND).toISOString()
}

const exits = (exitCode: number, more: object = {}) => [pod({ ...terminatedStatus({ exitCode }), ...more })]
const disrupted = (reason: string) => ({
  conditions: [{ type: 'DisruptionTarget', status: 'True', reason, message: 'it had to go' }],
})

const TABLE: readonly (readonly [what: string, sight: Partial<Sight>, run: object, seconds?: number])[] = [
  ['nothing is there', { job: undefined }, { is: 'absent', why: text('somebody deleted it') }],
  ['the Job has no pod yet', {}, { is: 'waiting', why: '' }],
  [
    'K12 quota',
    { failedCreate: 'pods "x" is forbidden: exceeded quota: q, used: pods=5' },
    { is: 'waiting', why: text('used: pods=5') },
  ],
  ['K12 quota waits as long as it takes', { failedCreate: 'exceeded quota' }, { is: 'waiting' }, 100_000],
  [
    'K12 Pod Security',
    { failedCreate: 'pods "x" is forbidden: violates PodSecurity "restricted:latest"' },
    { cause: 'rejected-by-cluster', infrastructure: false },
  ],
  [
    'K12 LimitRange',
    { failedCreate: 'pods "x" is forbidden: maximum memory usage per Container is 1Gi' },
    { cause: 'rejected-by-cluster' },
  ],
  [
    'a webhook that is away',
    { failedCreate: 'Internal error occurred: failed calling webhook' },
    { is: 'waiting', why: text('failed calling webhook') },
  ],
  ['no pod for too long', {}, { cause: 'unschedulable', why: text('does not say why') }, 901],
  [
    'held back, as by a queue of the cluster',
    { job: jobWith({ spec: { suspend: true, template: {} } }) },
    { is: 'waiting', why: text('suspended') },
    100_000,
  ],
  [
    'being deleted',
    { job: jobWith({ metadata: { ...JOB.metadata, deletionTimestamp: iso(0) } }) },
    { is: 'waiting' },
    100_000,
  ],
  ['the last net', { job: jobIs('Failed', 'DeadlineExceeded') }, { cause: 'deadline', infrastructure: false }],
  [
    'ended, and its pod is gone',
    { job: jobIs('Failed', 'BackoffLimitExceeded'), first: 'first' },
    { cause: 'lost', infrastructure: true },
  ],
  ['complete, and its pod is gone', { job: jobIs('Complete') }, { cause: 'lost', infrastructure: true }],
  ['running', { pods: [pod(runningStatus(BORN + 5000))] }, { is: 'running', since: BORN + 5000 }],
  ['K13 unschedulable', { pods: [pod(unscheduled)] }, { is: 'waiting', why: text('0/5 nodes are available') }],
  ['K13 for too long', { pods: [pod(unscheduled)] }, { cause: 'unschedulable', infrastructure: false }, 901],
  [
    'K10 a manifest that is not there',
    { pods: [pod(waitingStatus('ErrImagePull', 'manifest unknown'))] },
    { cause: 'image', infrastructure: false },
    181,
  ],
  [
    'K10 a registry that does not answer',
    { pods: [pod(waitingStatus('ImagePullBackOff', 'i/o timeout'))] },
    { cause: 'image', infrastructure: true },
    181,
  ],
  [
    'K10 a crash loop',
    { pods: [pod(waitingStatus('CrashLoopBackOff', 'back-off'))] },
    { cause: 'rejected-by-cluster' },
    181,
  ],
  [
    'K8 evicted: the node needs memory',
    { pods: [pod({ phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' })] },
    { cause: 'evicted', infrastructure: true, why: text('low on resource') },
  ],
  [
    'K8 evicted: its own disk',
    {
      pods: [
        pod({
          phase: 'Failed',
          reason: 'Evicted',
          message: 'Pod ephemeral local storage usage exceeds the total limit of containers 20Gi.',
        }),
      ],
    },
    { cause: 'disk-full', infrastructure: false },
  ],
  [
    'K8 evicted: its own volume',
    {
      pods: [
        pod({
          phase: 'Failed',
          reason: 'Evicted',
          message: 'Usage of EmptyDir volume "workspace" exceeds the limit "1Gi".',
        }),
      ],
    },
    { cause: 'disk-full', infrastructure: false },
  ],
  [
    'K8 preempted',
    { pods: exits(143, disrupted('PreemptionByScheduler')) },
    { cause: 'evicted', infrastructure: true, why: text('PreemptionByScheduler: it had to go') },
  ],
  ['K8 drained', { pods: exits(143, disrupted('EvictionByEvictionAPI')) }, { cause: 'evicted', infrastructure: true }],
  [
    'K8 node shutdown',
    {
      pods: [
        pod({
          phase: 'Failed',
          reason: 'Terminated',
          message: 'Pod was terminated in response to imminent node shutdown.',
        }),
      ],
    },
    { cause: 'evicted', infrastructure: true },
  ],
  [
    'K8 no place on the node after all',
    { pods: [pod({ phase: 'Failed', reason: 'OutOfcpu', message: 'Node did not have enough resource' })] },
    { cause: 'evicted', infrastructure: true },
  ],
  [
    'out of memory while it is drained is out of memory',
    {
      pods: [
        pod({ ...terminatedStatus({ exitCode: 137, reason: 'OOMKilled' }), ...disrupted('EvictionByEvictionAPI') }),
      ],
    },
    { cause: 'out-of-memory', infrastructure: false },
  ],
  ['K9 NodeLost', { pods: [pod({ ...runningStatus(), reason: 'NodeLost' })] }, { cause: 'lost', infrastructure: true }],
  ['K9 phase Unknown', { pods: [pod({ phase: 'Unknown' })] }, { cause: 'lost', infrastructure: true }],
  [
    'K9 terminating, in its time',
    { pods: [pod(runningStatus(), { deletionTimestamp: iso(120) })] },
    { is: 'running' },
    179,
  ],
  [
    'K9 terminating for ever',
    { pods: [pod(runningStatus(), { deletionTimestamp: iso(120) })] },
    { cause: 'lost', infrastructure: true, why: text('does not answer') },
    181,
  ],
  [
    'K11 out of memory',
    { pods: [pod(terminatedStatus({ exitCode: 137, reason: 'OOMKilled' }))] },
    { cause: 'out-of-memory', exit: 137, infrastructure: false, why: text('4Gi') },
  ],
  [
    'K11 137 without a reason: the node’s memory',
    { pods: exits(137) },
    { cause: 'lost', exit: 137, infrastructure: true },
  ],
  ['a signal', { pods: exits(139) }, { cause: 'lost', exit: 139, infrastructure: true, why: text('signal 11') }],
  ['an exit code of the contract', { pods: exits(16) }, { is: 'ended', exit: 16 }],
  ['an exit code of another program', { pods: exits(127) }, { cause: 'image', exit: 127, infrastructure: false }],
  [
    'its time limit',
    { pods: [pod({ ...terminatedStatus({ exitCode: 143 }), reason: 'DeadlineExceeded' })] },
    { cause: 'deadline', exit: 143, infrastructure: false },
  ],
  ['failed without a container', { pods: [pod({ phase: 'Failed' })] }, { cause: 'lost', infrastructure: true }],
  [
    'hostile last words',
    { pods: [pod(terminatedStatus({ exitCode: 12, message: '{"branch":"x\\n/close","commit":"abcdef0"}' }))] },
    { why: 'the run ended with exit code 12 and left no outcome' },
  ],
  [
    'K14 the Job was deleted, its pod saves its work',
    { job: undefined, pods: [pod(runningStatus(BORN), { deletionTimestamp: iso(120) })] },
    { is: 'running', since: BORN },
  ],
  [
    'K14 the Job was deleted, its pod has stopped',
    {
      job: undefined,
      pods: [pod({ ...terminatedStatus({ exitCode: 143 }), phase: 'Running' }, { deletionTimestamp: iso(120) })],
    },
    { is: 'absent' },
  ],
  [
    'K14 the Job was deleted, and the node does not answer',
    { job: undefined, pods: [pod(runningStatus(), { deletionTimestamp: iso(0) })] },
    { is: 'absent' },
    61,
  ],
  [
    'a pod that was deleted, and saves its work',
    {
      pods: [
        pod(runningStatus(BORN), { deletionTimestamp: iso(120) }),
        pod(unscheduled, { uid: 'second', creationTimestamp: iso(1) }),
      ],
      first: 'first',
    },
    { is: 'running' },
  ],
  [
    'a second pod for one that was deleted is not ours',
    { pods: [pod(runningStatus(), { uid: 'second' })], first: 'first' },
    { cause: 'lost', infrastructure: true, why: text('its pod was deleted') },
  ],
  ['a pod that was deleted, and no second one', { first: 'first' }, { cause: 'lost', infrastructure: true }],
]

for (const [what, sight, run, seconds = 8] of TABLE) {
  test(what, () => {
    const seen: Run = runOf({ job: JOB, pods: [], ...sight }, BORN + seconds * SECOND, LIMITS)
    expect(seen).toMatchObject(run)
  })
}

test('every ending that is named has words, and says whether another attempt helps', () => {
  for (const [what, sight, , seconds = 8] of TABLE) {
    const run = runOf({ job: JOB, pods: [], ...sight }, BORN + seconds * SECOND, LIMITS)
    if (run.is !== 'ended') continue
    expect(run.why, what).not.toBe('')
    expect(run.cause === undefined, what).toBe(run.infrastructure === undefined)
  }
})

const REFUSALS: readonly (readonly [message: string, refusal: ReturnType<typeof refusalOf>])[] = [
  ['jobs.batch "x" is forbidden: exceeded quota: count, requested: count/jobs.batch=1', 'quota'],
  ['pods "x" is forbidden: failed quota: q: must specify limits.cpu', 'policy'],
  ['admission webhook "v.example.com" denied the request: no', 'policy'],
  ['Job.batch "x" is invalid: spec.template: Invalid value', 'policy'],
  ['pods "x" is forbidden: no PriorityClass with name high was found', 'policy'],
  [
    'pods "x" is forbidden: error looking up service account runs/default: serviceaccount "default" not found',
    'unknown',
  ],
  ['jobs.batch is forbidden: User "u" cannot create resource "jobs" in API group "batch"', 'unknown'],
  [
    'jobs.batch "x" is forbidden: unable to create new content in namespace runs because it is being terminated',
    'unknown',
  ],
  ['etcdserver: request timed out', 'unknown'],
]
for (const [message, refusal] of REFUSALS)
  test(`${refusal}: ${message}`, () => expect(refusalOf(message)).toBe(refusal))
