/**
 * Every command of the pages is typed here, word for word, or is run by a file that commandsElsewhere.ts names. Where no cluster is,
 * helm and kubectl go as far as one goes without; test/cluster/chart.test.ts has the rest.
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { dirname } from 'node:path/posix'
import { afterAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { tool } from '../chart/tools.ts'
import { startWorld, type World } from '../conversations/world.ts'
import { ELSEWHERE } from './commandsElsewhere.ts'
import { blocksOf, PAGES, pageCommands, ROOT, read } from './pageCommands.ts'
import { typed } from './typed.ts'

/** Works for long, and has a long log. */
const LONG = 'add a health check\nrehearse: print environment\nrehearse: wait 120 s'

const NOBODY = { KUBECONFIG: 'kubeconfig' }

/** A cluster that is not there. */
const KUBECONFIG = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [{ name: 'none', cluster: { server: 'https://127.0.0.1:1' } }],
  users: [{ name: 'me', user: { token: 'a-token' } }],
  contexts: [{ name: 'none', context: { cluster: 'none', user: 'me' } }],
  'current-context': 'none',
})

const VALUES =
  blocksOf(read('docs/install.md'), 'yaml').find((block) => block.startsWith('# values of the chart')) ?? ''
const NAMES: readonly string[] = parse(VALUES).secrets.keys

let started: Promise<World> | undefined
const world = (): Promise<World> => {
  started ??= startWorld()
  return started
}
afterAll(async () => (await started)?.[Symbol.asyncDispose]())

const HERE: Readonly<Record<string, (command: string) => Promise<void>>> = {
  'kubectl create namespace errand': async (command) => {
    expect(await withTools(`${command} --dry-run=client -o name`)).toBe('namespace/errand\n')
  },
  // `secrets` is a folder.
  'kubectl create secret generic errand-secrets --namespace errand --from-file=secrets': async (command) => {
    const files = Object.fromEntries(NAMES.map((name) => [`secrets/${name}`, name]))
    const secret = JSON.parse(await withTools(`${command} --dry-run=client -o json`, files))
    expect(Object.keys(secret.data).sort()).toEqual(NAMES.toSorted())
  },
  'kubectl create secret generic errand-secrets --namespace errand --from-file=GITLAB_TOKEN=gitlab.token --from-file=OAUTH_CLIENT_SECRET=oauth.secret --from-file=ANTHROPIC_API_KEY=anthropic.key --from-literal=WEBHOOK_SECRETS="$(openssl rand -hex 32)" --from-literal=ERRAND_KEY="$(openssl rand -hex 32)"':
    async (command) => {
      const files = { 'gitlab.token': 'glpat-1', 'oauth.secret': 'gloas-1', 'anthropic.key': 'sk-ant-1' }
      const { data } = JSON.parse(await withTools(`${command} --dry-run=client -o json`, files))
      expect(Object.keys(data).sort()).toEqual(NAMES.toSorted())
      expect(Buffer.from(data.ERRAND_KEY, 'base64').toString()).toMatch(/^[0-9a-f]{64}$/)
    },
  'helm install errand charts/errand --namespace errand --values my-values.yaml': async (command) => {
    const said = await withTools(`${command} --dry-run=client`, { 'my-values.yaml': VALUES })
    expect(said).toContain('kind: Deployment')
    expect(said).toContain('helm test errand --namespace errand --logs')
  },
  'helm upgrade errand charts/errand --namespace errand --values my-values.yaml': asFarAsTheCluster,
  'helm test errand --namespace errand --logs': asFarAsTheCluster,
  'helm uninstall errand --namespace errand': asFarAsTheCluster,

  'npm run errand -- hooks install my-group/my-project --token-file maintainer.token': async (command) => {
    expect(await errand(command)).toMatch(/^✔ demo\/shop: (created|fine|repaired, .*)$/m)
  },
  'npm run errand -- hooks check my-group/my-project --token-file maintainer.token': async (command) => {
    await errand(command.replace('check', 'install'))
    expect(await errand(command)).toMatch(/^✔ demo\/shop: fine$/m)
  },
  // As in the pod, without the cluster before it.
  'kubectl exec --stdin --namespace errand deploy/errand-work -- errand hooks install my-group/my-project --token-file /dev/stdin < maintainer.token':
    async (command) => {
      const inPod = command.replace(
        'kubectl exec --stdin --namespace errand deploy/errand-work -- errand',
        'npm run errand --',
      )
      expect(await errand(inPod.replace('< maintainer.token', '< <(cat maintainer.token)'))).toMatch(
        /^✔ demo\/shop: (created|fine|repaired, .*)$/m,
      )
    },
  'npm run errand -- doctor': async (command) => {
    expect(await errand(command)).toMatch(/^✔ configuration[\s\S]*^✔ Redis[\s\S]*^✔ GitLab/m)
  },
  'npm run --silent errand -- audit --since 2026-11-01': async (command) => {
    const { say, answer } = await world()
    await answer(await say('developer', '/agent help'))
    const lines = (await errand(command)).trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).not.toEqual([])
  },

  'curl -i "$ERRAND_URL/api/tasks" -H "PRIVATE-TOKEN: $TOKEN" -H \'Content-Type: application/json\' -H "Idempotency-Key: $(openssl rand -hex 16)" -d \'{"repository": "demo/shop", "prompt": "add a health check"}\'':
    async (command) => {
      const [, status, id = ''] =
        /^HTTP\S+ (\d+)[\s\S]*^location: \/api\/tasks\/(\S+)/im.exec(await call(command)) ?? []
      expect(status).toBe('201')
      await (await world()).over(id)
      ;(await world()).readAll(id)
    },
  'curl "$ERRAND_URL/api/tasks/$TASK" -H "PRIVATE-TOKEN: $TOKEN"': async (command) =>
    atWork(async (task) => {
      expect(JSON.parse(await call(command, task))).toMatchObject({ id: task, status: 'running' })
    }),
  // It goes on until the reader goes.
  'curl -N "$ERRAND_URL/api/tasks/$TASK/events" -H "PRIVATE-TOKEN: $TOKEN"': async (command) =>
    atWork(async (task) => {
      const seen = await call(command, task, /^event: log\n/m)
      expect(seen).toMatch(/^event: task\n/m)
    }),
  'curl "$ERRAND_URL/api/tasks/$TASK/log" -H "PRIVATE-TOKEN: $TOKEN" -H \'Range: bytes=-2000\'': async (command) =>
    atWork(async (task) => {
      expect((await call(command, task)).length).toBe(2000)
    }),
  'curl -X POST "$ERRAND_URL/api/tasks/$TASK/stop" -H "PRIVATE-TOKEN: $TOKEN" -H \'Content-Type: application/json\'':
    async (command) =>
      atWork(async (task) => {
        expect(JSON.parse(await call(command, task))).toMatchObject({ id: task })
        await (await world()).over(task)
        expect(await (await world()).task(task)).toMatchObject({ end: { is: 'cancelled' } })
      }),
}

test.each(pageCommands())('%s', async (command) => {
  const here = HERE[command]
  if (here !== undefined) return here(command)
  const elsewhere = ELSEWHERE[command]
  if (elsewhere === undefined)
    throw new Error('Nothing runs this command: type it above, or name in commandsElsewhere.ts what does.')
  const { file, says } = elsewhere
  expect(existsSync(join(ROOT, file)), `${file} is there`).toBe(true)
  for (const words of says) expect(read(file)).toContain(words)
})

test('nothing is tested that the pages do not have', () => {
  const known = new Set(pageCommands())
  expect([...Object.keys(HERE), ...Object.keys(ELSEWHERE)].filter((command) => !known.has(command))).toEqual([])
})

test('the scripts that the pages name are there', () => {
  const scripts = Object.keys(JSON.parse(read('package.json')).scripts)
  // What stands between fences is typed above, or is about other repositories.
  const prose = PAGES.map(read)
    .join('\n')
    .replaceAll(/^```[\s\S]*?^```/gm, '')
  const named = [...prose.matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, name = '']) => name)
  // `npm run bench:…` stands for several.
  expect(named.filter((name) => !scripts.includes(name) && name !== 'bench:')).toEqual([])
})

async function withTools(command: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const programs = [dirname(await tool('kubectl')), dirname(await tool('helm'))]
  return typed(command, { programs, env: NOBODY, files: { kubeconfig: KUBECONFIG, ...files } })
}

/** Its words are understood, and a cluster is all that it lacks. test/cluster/chart.test.ts gives it one. */
async function asFarAsTheCluster(command: string): Promise<void> {
  await expect(withTools(command, { 'my-values.yaml': VALUES })).rejects.toThrow(/cluster unreachable/i)
  const [, verb = ''] = command.split(' ')
  expect(read('test/cluster/chart.test.ts')).toContain(`helm('${verb}'`)
}

/** As an operator, whose GitLab is the sandbox. */
async function errand(command: string): Promise<string> {
  const { config } = await world()
  return typed(command.replace('my-group/my-project', 'demo/shop'), {
    files: { 'maintainer.token': 'glpat-demo-maintainer\n' },
    env: {
      ERRAND_CONFIG: join(config.data, 'errand.yaml'),
      GITLAB_URL: config.gitlab.url,
      GITLAB_TOKEN: config.gitlab.token(),
      WEBHOOK_SECRETS: config.webhookSecrets().join(),
      REDIS_URL: config.redisUrl,
      ERRAND_URL: config.url,
      ERRAND_DOOR_URL: config.doorUrl,
      ERRAND_KEY: 'k'.repeat(64),
      ERRAND_RUNNER: 'local',
      ERRAND_DATA: config.data,
    },
  })
}

/** As a developer's program. */
async function call(command: string, task = '', until?: RegExp): Promise<string> {
  const { config } = await world()
  const env = { ERRAND_URL: config.url, TOKEN: 'glpat-demo-developer', TASK: task }
  return typed(command, until === undefined ? { env } : { env, until })
}

/** With a task that the agent is at, and that is stopped in the end. */
async function atWork(use: (task: string) => Promise<void>): Promise<void> {
  const errand = await world()
  const headers = { 'PRIVATE-TOKEN': 'glpat-demo-developer', 'content-type': 'application/json' }
  const send = async (path: string, body: object) =>
    fetch(`${errand.config.url}/api/tasks${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  const asked = await send('', { repository: 'demo/shop', prompt: LONG })
  const { id } = (await asked.json()) as { id: string }
  await errand.until(`${id} to work`, async () =>
    (await errand.shown(id)).includes('> waits 120 s') ? true : undefined,
  )
  try {
    await use(id)
  } finally {
    await send(`/${id}/stop`, {})
    await errand.over(id)
  }
}
