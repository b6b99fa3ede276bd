/** `errand doctor`: what was checked, what was found, what to do. The exit code counts what is wrong. */

import { setTimeout as sleep } from 'node:timers/promises'
import { type Config, readConfig } from '../config.ts'
import { createAsk } from '../gitlab/ask.ts'
import { connectGitLab } from '../gitlab/client.ts'
import { openNamespace } from '../kubernetes/namespace.ts'
import { PACE } from '../kubernetes/pace.ts'
import { missingPermissions } from '../kubernetes/permissions.ts'
import { createKubernetesRunner } from '../kubernetes/runner.ts'
import { createLogger } from '../log.ts'
import { connectRedis } from '../redis/connection.ts'
import type { Task } from '../tasks/task.ts'
import { paceOf } from './door.ts'
import { connectCluster, kubernetesOf } from './runs.ts'

/** A line of the report: `wrong` is empty where all is well, and says what to do where it is not. */
export type Finding = { readonly checked: string; readonly found: string; readonly wrong: readonly string[] }

/** How long a pod may take to reach the door: an image of some hundred megabytes is pulled in this time. */
const PATIENCE = 120_000
/** How the entrypoint ends when the door tells it that its attempt is over (runtime/README.md, clause 2.1). */
const TURNED_AWAY = 20

export async function run(): Promise<void> {
  const config = readConfig()
  let wrong = 0
  for await (const finding of examine(config)) {
    const mark = finding.wrong.length === 0 ? '✔' : '✘'
    console.log(`${mark} ${finding.checked.padEnd(14)} ${finding.found}`)
    for (const cure of finding.wrong) console.log(`  → ${cure}`)
    wrong += finding.wrong.length
  }
  process.exitCode = Math.min(wrong, 100)
}

export async function* examine(config: Config): AsyncGenerator<Finding> {
  yield await check('Redis', 'is REDIS_URL right, and Redis running?', async () => {
    const redis = connectRedis(config.redisUrl, 'patient', () => {})
    try {
      const late = sleep(3000).then(() => Promise.reject(new Error('no answer within 3 s')))
      await Promise.race([redis.ping(), late])
      return { found: `answers at ${new URL(config.redisUrl).host}` }
    } finally {
      redis.disconnect()
    }
  })
  yield await check('GitLab', 'is GITLAB_URL right, and GITLAB_TOKEN a valid token with the scope api?', async () => {
    const me = await createAsk(connectGitLab(config.gitlab.url, async () => config.gitlab.token(), paceOf(config))).me()
    return { found: `${config.gitlab.url} knows us as @${me.username}` }
  })
  if (config.runner === 'local') {
    const found = 'child processes of this machine, isolated from nothing'
    yield { checked: 'runs', found, wrong: [] }
  } else yield* examineCluster(config)
}

async function* examineCluster(config: Config): AsyncGenerator<Finding> {
  const settings = kubernetesOf(config)
  const { client, namespace, server } = connectCluster(settings)
  try {
    const cluster = await check(
      'cluster',
      'is the kubeconfig right, and the API server reachable from here?',
      async () => {
        const { gitVersion } = await client.call<{ gitVersion: string }>('GET', '/version')
        return { found: `${server}, Kubernetes ${gitVersion}, namespace ${namespace}` }
      },
    )
    yield cluster
    if (cluster.wrong.length > 0) return
    const rights = await check('rights', 'may Errand ask what it may do (SelfSubjectAccessReview)?', async () => {
      const wrong = await missingPermissions(openNamespace(client, namespace))
      return { found: wrong.length === 0 ? 'all that Errand needs' : `${wrong.length} are missing`, wrong }
    })
    yield rights
    if (rights.wrong.length > 0) return
    yield await check('a run', 'does the namespace take pods (quota, admission)?', () =>
      tryRun(config, client, namespace),
    )
  } finally {
    await client[Symbol.asyncDispose]()
  }
}

/** A Job with a credential that is none: the door turns it away, and so we know that it got there. */
async function tryRun(config: Config, client: ReturnType<typeof connectCluster>['client'], namespace: string) {
  const left: string[] = []
  await using runner = createKubernetesRunner({
    client,
    namespace,
    settings: kubernetesOf(config),
    door: config.doorUrl,
    sign: (task, attempt) => `errand.${task}.${attempt}.none`,
    times: { deadline: PATIENCE, pendingLimit: PATIENCE, grace: 5000 },
    pace: { ...PACE, image: PATIENCE },
    log: createLogger('silent'),
    async leftLog(_, bytes) {
      left.push(Buffer.from(bytes).toString().trim().split('\n').slice(-5).join('\n'))
    },
  })
  const task = probe()
  const started = Date.now()
  await runner.launch(task)
  try {
    for (;;) {
      const seen = await runner.see(task)
      const seconds = Math.round((Date.now() - started) / 1000)
      if (seen.is === 'ended' && seen.exit === TURNED_AWAY) return { found: `a pod reached the door in ${seconds} s` }
      const why = seen.is === 'running' ? 'it runs, and cannot reach the door' : (seen.why ?? 'it is gone')
      if (seen.is === 'ended' || seen.is === 'absent') return failed(`it ended: ${why}`, left)
      if (Date.now() - started > PATIENCE) return failed(`after ${seconds} s: ${why}`, left)
      await sleep(500)
    }
  } finally {
    await runner.stop(task)
  }

  function failed(found: string, said: readonly string[]) {
    const cure = `see that pods of namespace ${namespace} can pull the image and reach ${config.doorUrl} (ERRAND_DOOR_URL), and that a door runs there`
    return { found, wrong: [...said, cure] }
  }
}

/** No task of anybody's; its Job is found by its name, and removed at the end. */
function probe(): Task {
  const at = Date.now()
  const nobody = { id: 0, username: 'doctor', name: 'doctor' }
  const id = `0-d${at}`
  return {
    kind: 'task',
    id,
    thread: { projectId: 0, on: 'issue', iid: 0, discussion: '', note: 0, internal: false },
    repository: '',
    occasion: 'note',
    askedAt: at,
    asker: nobody,
    prompt: '',
    about: '',
    branch: '',
    base: '',
    defaultBranch: '',
    agent: 'rehearsal',
    mode: 'do',
    first: id,
    createdAt: at,
    state: 'starting',
    since: at,
    attempt: 1,
    attemptAt: at,
    launched: false,
    reacted: true,
    cleaned: false,
  }
}

async function check(
  checked: string,
  cure: string,
  look: () => Promise<{ readonly found: string; readonly wrong?: readonly string[] }>,
): Promise<Finding> {
  try {
    const { found, wrong = [] } = await look()
    return { checked, found, wrong }
  } catch (error) {
    return { checked, found: error instanceof Error ? error.message : String(error), wrong: [cure] }
  }
}
