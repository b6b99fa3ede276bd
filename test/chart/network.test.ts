/** Who reaches whom, as the policies say it. */

import { expect, test } from 'vitest'
import { type Rendered, render, the } from './render.ts'

type Peer = {
  readonly podSelector?: { readonly matchLabels: object }
  readonly namespaceSelector?: object
  readonly ipBlock?: object
}
type Rule = {
  readonly from?: readonly Peer[]
  readonly to?: readonly Peer[]
  readonly ports?: readonly { readonly port: unknown }[]
}
/** As it stands in YAML; the library calls `from` something else. */
type Policy = { readonly podSelector: object; readonly ingress?: readonly Rule[]; readonly egress?: readonly Rule[] }

function policy(objects: readonly Rendered[], name: string): Policy {
  return the(objects, 'NetworkPolicy', name).spec as Policy
}

function allowing(...allow: readonly object[]) {
  return render({ runs: { network: { allow, apiServer: ['10.96.0.1', '192.0.2.10'] } } })
}

const ONLY_RUNS = [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ours-runs' } } }]

test('runs reach DNS and the door, and nobody reaches them', async () => {
  const spec = policy(await render(), 'errand')
  expect(spec).toMatchObject({ podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [] })
  expect(
    spec.egress?.map(({ to, ports }) => [to?.[0]?.podSelector?.matchLabels, ports?.map(({ port }) => port)]),
  ).toEqual([
    [{ 'k8s-app': 'kube-dns' }, [53, 53]],
    [expect.objectContaining({ 'app.kubernetes.io/component': 'door' }), [8081]],
  ])
})

test('the door is reached by runs only, Redis by us only and it reaches nothing, the worker by nobody', async () => {
  const objects = await render()
  expect(policy(objects, 'errand-door').ingress).toEqual([
    { ports: [{ protocol: 'TCP', port: 'door' }], from: ONLY_RUNS },
    { ports: [{ protocol: 'TCP', port: 'health' }] },
  ])
  expect(policy(objects, 'errand-work').ingress).toEqual([{ ports: [{ protocol: 'TCP', port: 'health' }] }])
  const redis = policy(objects, 'errand-redis')
  expect(redis.egress).toEqual([])
  expect(
    redis.ingress?.[0]?.from?.map(({ podSelector, namespaceSelector }) => [
      podSelector?.matchLabels,
      namespaceSelector,
    ]),
  ).toEqual([[{ 'app.kubernetes.io/name': 'errand', 'app.kubernetes.io/instance': 'errand' }, undefined]])
})

test('in one pod the door is for runs only, too', async () => {
  expect(policy(await render({ allInOne: true }), 'errand-all').ingress?.[1]).toEqual({
    ports: [{ protocol: 'TCP', port: 'door' }],
    from: ONLY_RUNS,
  })
})

test('whatever is allowed, never the metadata address, nor the API server', async () => {
  const objects = await allowing(
    { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] },
    { cidr: '192.0.2.0/24', ports: [443] },
    { cidr: '10.0.0.0/8' },
    { cidr: '203.0.113.7/32', ports: [443] },
    { cidr: '::/0' },
  )
  const blocks = policy(objects, 'errand')
    .egress?.slice(2)
    .map(({ to }) => to?.[0]?.ipBlock)
  expect(blocks).toEqual([
    {
      cidr: '0.0.0.0/0',
      except: [
        '10.0.0.0/8',
        '169.254.0.0/16',
        '168.63.129.16/32',
        '100.100.100.200/32',
        '10.96.0.1/32',
        '192.0.2.10/32',
      ],
    },
    { cidr: '192.0.2.0/24', except: ['192.0.2.10/32'] },
    { cidr: '10.0.0.0/8', except: ['10.96.0.1/32'] },
    { cidr: '203.0.113.7/32' },
    { cidr: '::/0', except: ['fe80::/10', 'fd00:ec2::254/128'] },
  ])
})

test.each([
  ['169.254.169.254/32', '169.254.169.254/32 is what runs must never reach (169.254.0.0/16): take it out.'],
  ['169.254.0.0/16', '169.254.0.0/16 is what runs must never reach (169.254.0.0/16): take it out.'],
  ['192.0.2.10/32', '192.0.2.10/32 is what runs must never reach (192.0.2.10/32): take it out.'],
  ['fd00:ec2::/64', 'fd00:ec2::/64 is, or holds, what runs must never reach (fd00:ec2::254/128): take it out.'],
  ['fd00::/8', 'fd00::/8: an IPv6 range is ::/0, or /64 and smaller'],
])('%s cannot be allowed', async (cidr, sentence) => {
  await expect(allowing({ cidr })).rejects.toThrow(sentence)
})

test('a door that is no pod is reached by its address', async () => {
  const bare = { hostNetwork: true, strategy: { type: 'Recreate' }, redis: { external: 'redis://127.0.0.1:6379' } }
  const door = async (url: string) => policy(await render({ ...bare, door: { url } }), 'errand').egress?.slice(1)
  expect(await door('http://10.244.0.1:9000')).toEqual([
    { to: [{ ipBlock: { cidr: '10.244.0.1/32' } }], ports: [{ protocol: 'TCP', port: 9000 }] },
  ])
  expect(await door('https://10.244.0.1')).toMatchObject([{ ports: [{ port: 443 }] }])
})
