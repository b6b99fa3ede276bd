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

/** All that the runs may reach, of every rule: each peer, and the ports. */
function ways(objects: readonly Rendered[]) {
  return policy(objects, 'errand').egress?.map(({ to, ports }) => ({ to, ports: ports?.map(({ port }) => port) }))
}

const NOT_RUNS = {
  matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['ours-runs'] }],
}
const ALL_BUT_RUNS = [{ namespaceSelector: NOT_RUNS }]
const ONLY_RUNS = [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ours-runs' } } }]

test('runs reach DNS and the door, and nobody reaches them', async () => {
  const objects = await render()
  const spec = policy(objects, 'errand')
  expect(spec).toMatchObject({ podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [] })
  expect(ways(objects)).toEqual([
    {
      to: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
          podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
        },
      ],
      ports: [53, 53],
    },
    {
      to: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ours' } },
          podSelector: {
            matchLabels: {
              'app.kubernetes.io/name': 'errand',
              'app.kubernetes.io/instance': 'errand',
              'app.kubernetes.io/component': 'door',
            },
          },
        },
      ],
      ports: [8081],
    },
  ])
})

test('of ours runs reach the door alone, nobody else does, and Redis is reached by us only and reaches nothing', async () => {
  const objects = await render()
  expect(policy(objects, 'errand-door').ingress).toEqual([
    { ports: [{ protocol: 'TCP', port: 'door' }], from: ONLY_RUNS },
    { ports: [{ protocol: 'TCP', port: 'health' }], from: ALL_BUT_RUNS },
  ])
  expect(policy(objects, 'errand-work').ingress).toEqual([
    { ports: [{ protocol: 'TCP', port: 'health' }], from: ALL_BUT_RUNS },
  ])
  expect(policy(objects, 'errand-serve').ingress).toEqual([
    { ports: [{ protocol: 'TCP', port: 'http' }], from: ALL_BUT_RUNS },
    { ports: [{ protocol: 'TCP', port: 'health' }], from: ALL_BUT_RUNS },
  ])
  const redis = policy(objects, 'errand-redis')
  expect(redis.egress).toEqual([])
  expect(
    redis.ingress?.map(({ from }) =>
      from?.map(({ podSelector, namespaceSelector }) => [podSelector?.matchLabels, namespaceSelector]),
    ),
  ).toEqual([[[{ 'app.kubernetes.io/name': 'errand', 'app.kubernetes.io/instance': 'errand' }, undefined]]])
})

test('in one pod the door is for runs only, too', async () => {
  expect(policy(await render({ allInOne: true }), 'errand-all').ingress).toEqual([
    { ports: [{ protocol: 'TCP', port: 'http' }], from: ALL_BUT_RUNS },
    { ports: [{ protocol: 'TCP', port: 'door' }], from: ONLY_RUNS },
    { ports: [{ protocol: 'TCP', port: 'health' }], from: ALL_BUT_RUNS },
  ])
})

test('whoever the operator lets in, runs are not among them, but at the door', async () => {
  const given = [
    { namespaceSelector: {} },
    { namespaceSelector: { matchLabels: { team: 'a' } }, podSelector: { matchLabels: { app: 'b' } } },
    { ipBlock: { cidr: '192.0.2.0/24' } },
  ]
  const taken = [
    { namespaceSelector: NOT_RUNS },
    { namespaceSelector: { matchLabels: { team: 'a' }, ...NOT_RUNS }, podSelector: { matchLabels: { app: 'b' } } },
    { ipBlock: { cidr: '192.0.2.0/24' } },
  ]
  const objects = await render({ networkPolicy: { serveFrom: given, metricsFrom: given }, door: { from: given } })
  expect(policy(objects, 'errand-serve').ingress?.map(({ from }) => from)).toEqual([taken, taken])
  expect(policy(objects, 'errand-door').ingress?.map(({ from }) => from)).toEqual([[...ONLY_RUNS, ...given], taken])
})

test('the internet is what is public, on the ports of the web', async () => {
  const network = { internet: true, apiServer: ['192.0.2.10'] }
  expect(ways(await render({ runs: { network } }))?.slice(2)).toEqual([
    {
      to: [
        {
          ipBlock: {
            cidr: '0.0.0.0/0',
            except: [
              '10.0.0.0/8',
              '172.16.0.0/12',
              '192.168.0.0/16',
              '100.64.0.0/10',
              '169.254.0.0/16',
              '168.63.129.16/32',
              '100.100.100.200/32',
              '192.0.2.10/32',
            ],
          },
        },
      ],
      ports: [80, 443],
    },
    { to: [{ ipBlock: { cidr: '::/0', except: ['fc00::/7', 'fe80::/10', 'fd00:ec2::254/128'] } }], ports: [80, 443] },
  ])
  expect(ways(await render())?.slice(2)).toEqual([])
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
    .flatMap(({ to }) => to?.map(({ ipBlock }) => ipBlock))
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
  expect(await door('http://[fd00::5]:8081')).toEqual([
    { to: [{ ipBlock: { cidr: 'fd00::5/128' } }], ports: [{ protocol: 'TCP', port: 8081 }] },
  ])
})

test('a door behind a name is reached where the operator says it is', async () => {
  const door = [{ cidr: '192.0.2.1/32' }, { namespaceLabels: { name: 'ingress' }, ports: [8443] }]
  const objects = await render({ door: { url: 'https://door.example.com' }, runs: { network: { door } } })
  expect(ways(objects)?.slice(2)).toEqual([
    { to: [{ ipBlock: { cidr: '192.0.2.1/32' } }], ports: [443] },
    {
      to: [{ namespaceSelector: { matchLabels: { name: 'ingress' } }, podSelector: { matchLabels: {} } }],
      ports: [8443],
    },
  ])
  const same = await render({ door: { url: 'http://errand-door.ours.svc.cluster.local:8081' } })
  expect(ways(same)).toEqual(ways(await render()))
})
