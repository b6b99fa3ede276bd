/** Whatever the values: the API server takes what the chart renders for it. */

import { execFile } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MATRIX } from '../chart/matrix.ts'
import { render } from '../chart/render.ts'
import { tool } from '../chart/tools.ts'
import { listed, until } from './chartWorld.ts'
import { client } from './clusterWorld.ts'

/** Those that the matrix names; what is only tried on needs them all the same, and the accounts of its pods. */
const NAMESPACES = ['ours', 'ours-runs', 'given']
const ACCOUNTS = ['errand', 'given']
/** Of other makers, which the cluster need not have. */
const FOREIGN = /^(gateway\.networking\.k8s\.io|monitoring\.coreos\.com)\//

beforeAll(async () => {
  for (const name of NAMESPACES) await make('/api/v1/namespaces', { kind: 'Namespace', metadata: { name } })
  for (const name of ACCOUNTS)
    await make('/api/v1/namespaces/ours/serviceaccounts', { kind: 'ServiceAccount', metadata: { name } })
})

/** Until it is there; one of an earlier try may still be on its way out. */
async function make(path: string, object: { readonly kind: string; readonly metadata: { readonly name: string } }) {
  await until(`${object.kind} ${object.metadata.name}`, async () => {
    await client.call('POST', path, { body: { apiVersion: 'v1', ...object } }).catch(() => {})
    const found = (await listed(path)).find(({ metadata }) => metadata.name === object.metadata.name)
    return found?.metadata.deletionTimestamp === undefined ? found : undefined
  })
}

afterAll(async () => {
  for (const name of NAMESPACES) await client.call('DELETE', `/api/v1/namespaces/${name}`)
})

test.each(Object.entries(MATRIX))('%s', async (_, values) => {
  const { gitVersion } = await client.call<{ gitVersion: string }>('GET', '/version')
  const objects = await render(values, '--kube-version', gitVersion)
  const tried = objects.filter(({ apiVersion }) => !FOREIGN.test(apiVersion))
  const said = await apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: tried }))
  expect(said.trim().split('\n')).toHaveLength(tried.length)
})

async function apply(list: string): Promise<string> {
  const kubectl = await tool('kubectl')
  return new Promise((resolve, reject) => {
    const args = ['apply', '--dry-run=server', '--validate=true', '--filename', '-']
    const child = execFile(kubectl, args, (error, stdout) => (error === null ? resolve(stdout) : reject(error)))
    child.stdin?.end(list)
  })
}
