/** Task → its container, as the engine's API takes it. Pure. */

import type { Given } from '../../runtime/protocol.ts'
import type { Task } from '../tasks/task.ts'
import { labelsOf } from './labels.ts'
import type { DockerSettings } from './settings.ts'

/** Where a run finds what it is given. The workspace is the only place on disk that it writes to. */
export const PLACES = { workspace: '/workspace', credential: '/var/run/errand' } as const
/** The file in PLACES.credential. */
export const CREDENTIAL = 'credential'
/** Read when the run has left no outcome. */
export const LAST_WORDS = `${PLACES.workspace}/last-words.json`

/** What the engine is asked to make. */
export type Wanted = ReturnType<typeof containerOf>

/** No capability, no way to more rights, a root that nobody writes to, limits, one network. */
export function containerOf(task: Task, settings: DockerSettings, door: string) {
  const own = settings.projects[String(task.thread.projectId)] ?? settings.projects[task.repository] ?? {}
  const chosen = task.ways?.image === undefined ? undefined : settings.images[task.ways.image]
  const given: Given = {
    ERRAND_DOOR: door,
    ERRAND_CREDENTIAL_FILE: `${PLACES.credential}/${CREDENTIAL}`,
    ERRAND_WORKSPACE: PLACES.workspace,
    ERRAND_TERMINATION_FILE: LAST_WORDS,
  }
  const memory = own.memory ?? settings.memory
  const cpus = own.cpus ?? settings.cpus
  return {
    Image: chosen ?? own.image ?? settings.image,
    User: `${settings.user}:${settings.user}`,
    Env: Object.entries({ ...settings.environment, ...given }).map(([name, value]) => `${name}=${value}`),
    Labels: labelsOf(task, settings.prefix),
    // Without a name they go with the container.
    Volumes: { [PLACES.workspace]: {}, [PLACES.credential]: {} },
    HostConfig: {
      NetworkMode: settings.network,
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Privileged: false,
      IpcMode: 'private',
      Tmpfs: { '/tmp': `rw,exec,nosuid,nodev,mode=1777,size=${settings.temporary}` },
      Memory: memory,
      // The same as Memory: no swap.
      MemorySwap: memory,
      ...(cpus === undefined ? {} : { NanoCpus: Math.round(cpus * 1e9) }),
      PidsLimit: settings.processes,
      RestartPolicy: { Name: 'no' },
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m' } },
      ...(settings.runtime === undefined ? {} : { Runtime: settings.runtime }),
    },
  }
}
