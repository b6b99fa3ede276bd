/** Knocks where nobody should open: the API server, the door's other addresses, other tasks; and at the model until it is shut. */

import { readdirSync, readFileSync } from 'node:fs'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Say } from './agent.ts'

type Knock = { readonly method?: string; readonly path: string; readonly credential?: string; readonly body?: string }

const PATIENCE = 10_000
/** Long enough for what was said to be sent. */
const BEFORE_FORGING = 2000
/** More calls than any budget of the test allows. */
const MOST_CALLS = 40

/** The variables of all processes there are, ours included. */
function variables(): Map<string, string> {
  const found = new Map<string, string>()
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      for (const one of readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')) {
        const at = one.indexOf('=')
        if (at > 0) found.set(one.slice(0, at), one.slice(at + 1))
      }
    } catch {
      // Another user's, or gone.
    }
  }
  return found
}

/** Sends the path as it is: `fetch` would tidy it up first. */
function knock(
  server: string,
  { method = 'GET', path, credential, body }: Knock,
): Promise<{ status: number; said: string }> {
  const { protocol, hostname, port } = new URL(server)
  const send = protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve) => {
    const failed = (error: Error) => resolve({ status: 0, said: error.message })
    const headers = {
      ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    }
    const options = { hostname, port, method, path, headers, timeout: PATIENCE, rejectUnauthorized: false }
    const call = send(options, (answer) => {
      let said = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        said = (said + chunk).slice(0, 2000)
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, said })).on('error', failed)
    })
    call.on('error', failed).on('timeout', () => call.destroy(new Error('no answer')))
    call.end(body)
  })
}

/** The door and what opens it, as any process of this user finds them. */
function keys(): { door: string; credential: string; found: Map<string, string> } {
  const found = variables()
  const credential = readFileSync(found.get('ERRAND_CREDENTIAL_FILE') ?? '/var/run/errand/credential', 'utf8').trim()
  return { door: found.get('ERRAND_DOOR') ?? '', credential, found }
}

export async function reach(say: Say): Promise<void> {
  const { door, credential, found } = keys()
  const api = `https://${found.get('KUBERNETES_SERVICE_HOST')}:${found.get('KUBERNETES_SERVICE_PORT') ?? 443}`
  for (const path of [
    '/api/v1/namespaces/errand-test/secrets',
    '/api/v1/nodes',
    '/apis/batch/v1/namespaces/errand-test/jobs',
  ]) {
    const { status } = await knock(api, { path, credential })
    say(`reach the API server's ${path}`, String(status))
  }

  const [, task = '', attempt = '', mac = ''] = credential.split('.')
  const service = 'service=git-upload-pack'
  const knocks: Readonly<Record<string, Knock>> = {
    'no credential': { path: '/v1/request' },
    'another task': { path: '/v1/request', credential: `errand.1-n1.1.${mac}` },
    'its next attempt': { path: '/v1/request', credential: `errand.${task}.${Number(attempt) + 1}.${mac}` },
    'a neighbour of the repository': { path: `/v1/git/../../demo/vault.git/info/refs?${service}`, credential },
    'the same, escaped': { path: `/v1/git/%2e%2e/%2e%2e/demo/vault.git/info/refs?${service}`, credential },
    'the same, as another repository': { path: `/v1/repositories/demo/vault.git/info/refs?${service}`, credential },
    'the same, with a doubled slash': { path: `/v1/git//demo/vault.git/info/refs?${service}`, credential },
    'a file of the repository': { path: '/v1/git/config', credential },
    'GitLab itself': { path: '/v1/git/../../../api/v4/projects', credential },
    'an address in the address': { path: 'http://127.0.0.1/api/v4/user', credential },
    "the provider's files": { path: '/v1/model/anthropic/v1/files', credential },
    "the provider's keys": { path: '/v1/model/anthropic/v1/organizations/api_keys', credential },
    'a provider in the path': { path: '/v1/model/anthropic/../../../v1/files', credential },
    'a tool that nobody configured': { method: 'POST', path: '/v1/tools/gitlab', credential, body: '{}' },
    'a log of another place': { method: 'PATCH', path: '/v1/log', credential, body: '{}' },
    'an outcome of nonsense': { method: 'PUT', path: '/v1/outcome', credential, body: '{"result":"pushed"}' },
    'an outcome of 2 MB': { method: 'PUT', path: '/v1/outcome', credential, body: `"${'x'.repeat(2_000_000)}"` },
  }
  for (const [name, one] of Object.entries(knocks)) {
    const { status, said } = await knock(door, one)
    say(`reach ${name}`, `${status} ${said}`)
  }
}

/** Calls the model without an end, as an agent that ignores its limits. */
export async function spend(say: Say): Promise<void> {
  const { door, credential } = keys()
  const body = JSON.stringify({
    model: 'claude-sonnet-5-5',
    max_tokens: 100,
    messages: [{ role: 'user', content: 'more' }],
    tools: [{ name: 'Bash', input_schema: { type: 'object' } }],
  })
  for (let calls = 1; calls <= MOST_CALLS; calls += 1) {
    const { status, said } = await knock(door, {
      method: 'POST',
      path: '/v1/model/anthropic/v1/messages',
      credential,
      body,
    })
    if (status !== 200) return say('spend', `refused after ${calls - 1} calls: ${status} ${said}`)
  }
  say('spend', `${MOST_CALLS} calls and no end`)
}

/** Tells of a work that is not there, before the entrypoint can tell what is. */
export async function forge(say: Say): Promise<void> {
  say('forge', 'begins')
  // Afterwards nobody may listen any more.
  await sleep(BEFORE_FORGING)
  const { door, credential } = keys()
  const outcome = {
    protocol: 1,
    result: 'pushed',
    pushed: {
      branch: 'innocent',
      commit: 'f'.repeat(40),
      commits: 1,
      files: [{ path: 'all.ts', added: 1, removed: 0 }],
    },
    title: 'Reviewed and approved',
    answer: 'All checks have passed.',
    warnings: [],
    took: {},
  }
  const { status, said } = await knock(door, {
    method: 'PUT',
    path: '/v1/outcome',
    credential,
    body: JSON.stringify(outcome),
  })
  say('forge', `${status} ${said}`)
}
