/** CA bundle, proxy and mirrors, given as environment, reach the entrypoint, git, npm, pip, curl, Python and Claude Code in the image. */

import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startModel } from '../models/server.ts'
import { exitOf, newAttempt, READY } from '../runtime/attempt.ts'
import { startContainer, USERS } from './container.ts'
import { given } from './given.ts'
import { startNetwork } from './network.ts'

const SETUP = `
say() { echo "$1: $(shift; "$@" 2>&1 | tr '\\n' ' ')"; }
say curl curl -sS https://mirror.example/hello
say git git ls-remote https://mirror.example/code.git
say npm npm view tool version
say pip pip index versions snake
say python python3 -c 'import urllib.request as u; print(u.urlopen("https://mirror.example/hello").read().decode())'
`

/** What Claude Code is answered: one text, as events. */
async function modelAnswer(): Promise<string> {
  await using model = await startModel({ steps: [{ text: 'All is well.' }] })
  const body = JSON.stringify({
    model: 'claude-x',
    stream: true,
    messages: [{ role: 'user', content: 'Hello' }],
    tools: [{ name: 'Bash' }],
  })
  return (await fetch(`${model.url}/v1/messages`, { method: 'POST', body })).text()
}

test('a door behind a CA of its own, packages from mirrors, and a proxy to everything else', async () => {
  const attempt = await newAttempt({ agent: 'claude', files: { ...READY, 'agent-setup.sh': SETUP } })
  const made = join(attempt.folder, 'made')
  mkdirSync(made)
  chmodSync(made, 0o777)
  await using network = await startNetwork(made, USERS[1], attempt.door.url)
  const body = await modelAnswer()
  attempt.door.fault = (method, path) =>
    method === 'POST' && path.startsWith('/v1/model/anthropic/v1/messages')
      ? { status: 200, headers: { 'content-type': 'text/event-stream' }, body }
      : undefined

  const { mounts, env, ...more } = given(attempt, USERS[1])
  const bundle = '/etc/company/ca.pem'
  const container = startContainer({
    ...more,
    mounts: { ...mounts, [bundle]: `${network.ca}:ro` },
    env: {
      ...env,
      ERRAND_DOOR: network.doorUrl,
      HTTPS_PROXY: network.proxyUrl,
      HTTP_PROXY: network.proxyUrl,
      NODE_EXTRA_CA_CERTS: bundle,
      SSL_CERT_FILE: bundle,
      GIT_SSL_CAINFO: bundle,
      CURL_CA_BUNDLE: bundle,
      PIP_CERT: bundle,
      NPM_CONFIG_REGISTRY: `${network.mirrorUrl}/npm/`,
      PIP_INDEX_URL: `${network.mirrorUrl}/pypi/simple/`,
    },
  })
  expect(await exitOf(container)).toBe(0)

  const log = attempt.door.log.toString()
  for (const line of [
    /^curl: hello from the mirror/m,
    /^git: .*repository 'https:\/\/mirror\.example\/code\.git\/' not found/m,
    /^npm: 1\.2\.3/m,
    /^pip: .*snake \(4\.5\.6\)/m,
    /^python: hello from the mirror/m,
  ]) {
    expect(log).toMatch(line)
  }
  expect(network.asked).toEqual(expect.arrayContaining(['/code.git/info/refs?service=git-upload-pack', '/npm/tool']))
  // The door is reached directly, and Claude Code calls nobody else.
  expect([...new Set(network.proxied)]).toEqual(['mirror.example:443'])
  expect(attempt.door.outcome).toMatchObject({ result: 'unchanged', answer: 'All is well.' })
})
