/** Task → its Job, and the Secret that belongs to it. Pure. The pod keeps the *restricted* pod security profile. */

import type { Given } from '../../runtime/protocol.ts'
import type { Task } from '../tasks/task.ts'
import { jobName, labelsOf, OURS } from './labels.ts'
import { annotationsOf } from './record.ts'
import type { KubernetesSettings } from './settings.ts'
import { PLACES } from './volume.ts'
import type { Job, Secret } from './wire.ts'

/** The container of a run in its pod. */
export const CONTAINER = 'agent'
/** The Secret's only key. */
export const CREDENTIAL = 'credential'
const TERMINATION_FILE = '/dev/termination-log'

/** Durations in milliseconds, as everywhere in src/. */
export type JobTimes = { readonly deadline: number; readonly pendingLimit: number; readonly grace: number }

export function jobOf(task: Task, settings: KubernetesSettings, door: string, times: JobTimes): Job {
  const labels = { ...settings.labels, ...labelsOf(task) }
  const seconds = (milliseconds: number) => Math.max(1, Math.ceil(milliseconds / 1000))
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(task.id, task.attempt),
      labels,
      annotations: { ...settings.annotations, ...annotationsOf(task) },
    },
    spec: {
      // A second pod would be a second attempt without a number of its own.
      backoffLimit: 0,
      completions: 1,
      parallelism: 1,
      podReplacementPolicy: 'Failed',
      // The last net only: when it is reached the Job's controller deletes the pod, and with it the evidence.
      activeDeadlineSeconds: seconds(times.deadline + times.pendingLimit + times.grace),
      ttlSecondsAfterFinished: settings.keep,
      template: { metadata: { labels, annotations: settings.annotations }, spec: podOf(task, settings, door, times) },
    },
  }

  function podOf(task: Task, settings: KubernetesSettings, door: string, times: JobTimes): PodSpec {
    const own = settings.projects[String(task.thread.projectId)] ?? settings.projects[task.repository] ?? {}
    const given: Given = {
      ERRAND_DOOR: door,
      ERRAND_CREDENTIAL_FILE: `${PLACES.credential}/${CREDENTIAL}`,
      ERRAND_WORKSPACE: PLACES.workspace,
      ERRAND_TERMINATION_FILE: TERMINATION_FILE,
    }
    const mounts = settings.volumes.map(({ name, mountPath, readOnly }) => ({ name, mountPath, readOnly }))
    return {
      restartPolicy: 'Never',
      activeDeadlineSeconds: seconds(times.deadline),
      terminationGracePeriodSeconds: seconds(times.grace),
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
        ...(settings.user === null
          ? {}
          : { runAsUser: settings.user, runAsGroup: settings.user, fsGroup: settings.user }),
      },
      ...(settings.pullSecrets.length === 0
        ? {}
        : { imagePullSecrets: settings.pullSecrets.map((name) => ({ name })) }),
      ...(settings.runtimeClass === undefined ? {} : { runtimeClassName: settings.runtimeClass }),
      ...(settings.priorityClass === undefined ? {} : { priorityClassName: settings.priorityClass }),
      ...(settings.affinity === undefined ? {} : { affinity: settings.affinity as Affinity }),
      nodeSelector: settings.nodeSelector,
      tolerations: settings.tolerations as Tolerations,
      containers: [
        {
          name: CONTAINER,
          image: chosenImage(task, settings) ?? own.image ?? settings.image,
          imagePullPolicy: settings.pullPolicy,
          env: Object.entries({ ...settings.environment, ...given }).map(([name, value]) => ({ name, value })),
          resources: resourcesOf({ ...settings.resources, ...defined(own.resources ?? {}) }),
          securityContext: {
            runAsNonRoot: true,
            privileged: false,
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
            seccompProfile: { type: 'RuntimeDefault' },
          },
          terminationMessagePath: TERMINATION_FILE,
          terminationMessagePolicy: 'File',
          volumeMounts: [
            { name: 'workspace', mountPath: PLACES.workspace },
            { name: 'temporary', mountPath: PLACES.temporary },
            { name: CREDENTIAL, mountPath: PLACES.credential, readOnly: true },
            ...mounts,
          ],
        },
      ],
      volumes: [
        { name: 'workspace', emptyDir: {} },
        { name: 'temporary', emptyDir: {} },
        { name: CREDENTIAL, secret: { secretName: jobName(task.id, task.attempt), defaultMode: 0o440 } },
        ...settings.volumes.map(({ name, source }) => ({ name, ...source })),
      ],
    }
  }
}

/** Owned by its Job from birth, so that it goes with it whoever removes that. */
export function secretOf(job: Job, credential: string): Secret {
  const { name = '', uid = '', labels = OURS } = job.metadata ?? {}
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: { name, labels, ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: true }] },
    immutable: true,
    stringData: { [CREDENTIAL]: credential },
  }
}

/** What its project chose, as far as the operator still has it. */
function chosenImage({ ways }: Task, { images }: KubernetesSettings): string | undefined {
  return ways?.image === undefined ? undefined : images[ways.image]
}

type PodSpec = NonNullable<NonNullable<Job['spec']>['template']['spec']>
type Affinity = NonNullable<PodSpec['affinity']>
type Tolerations = NonNullable<PodSpec['tolerations']>

const RESOURCES = { cpu: 'cpu', memory: 'memory', ephemeralStorage: 'ephemeral-storage' } as const

function resourcesOf(given: KubernetesSettings['resources']): Record<'requests' | 'limits', Record<string, string>> {
  const requests: Record<string, string> = {}
  const limits: Record<string, string> = {}
  for (const [key, name] of Object.entries(RESOURCES) as [keyof typeof RESOURCES, string][]) {
    const { request = given[key].limit, limit } = given[key]
    if (request !== undefined) requests[name] = request
    if (limit !== undefined) limits[name] = limit
  }
  return { requests, limits }
}

function defined<T extends object>(given: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>
  }
}
