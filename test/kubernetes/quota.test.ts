import { expect, test } from 'vitest'
import { jobOf } from '../../src/kubernetes/job.ts'
import { amountOf, roomFor } from '../../src/kubernetes/quota.ts'
import { KubernetesSettings } from '../../src/kubernetes/settings.ts'
import { recorded, TIMES } from './aWorld.ts'

const resources = {
  cpu: { request: '500m' },
  memory: { request: '1Gi', limit: '4Gi' },
  ephemeralStorage: { request: '2Gi', limit: '20Gi' },
}
const settings = KubernetesSettings.parse({ image: 'runtime:1', resources })
const job = jobOf(recorded(1), settings, 'http://door', TIMES)
const room = (hard: Record<string, string>, used: Record<string, string> = {}) =>
  roomFor(job, [{ metadata: { name: 'runs' }, status: { hard, used } }])

test.each([
  ['500m', 0.5],
  ['2', 2],
  ['0.1', 0.1],
  ['1e3', 1000],
  ['4Gi', 4 * 2 ** 30],
  ['5k', 5000],
  ['3M', 3e6],
])('%s is %d', (text, amount) => {
  expect(amountOf(text)).toBe(amount)
})

test('no quota, and one of other things, count nothing', () => {
  expect(roomFor(job, [])).toEqual({ runs: undefined, unnamed: [] })
  expect(room({ services: '5', 'requests.storage': '10Gi' })).toEqual({ runs: undefined, unnamed: [] })
})

test('what is used up first decides', () => {
  const hard = { pods: '10', 'requests.cpu': '4', 'limits.memory': '64Gi', cpu: '8' }
  expect(room(hard)).toEqual({ runs: 8, by: 'runs: requests.cpu', unnamed: [] })
  expect(room(hard, { pods: '8', 'requests.cpu': '1' })).toEqual({ runs: 2, by: 'runs: pods', unnamed: [] })
  expect(room(hard, { 'limits.memory': '62Gi' })).toEqual({ runs: 0, by: 'runs: limits.memory', unnamed: [] })
  expect(room(hard, { pods: '12' }).runs).toBe(0)
})

test('what a quota wants named is told, where our pods do not name it', () => {
  expect(room({ 'limits.cpu': '10', 'limits.memory': '64Gi' })).toEqual({
    runs: 16,
    by: 'runs: limits.memory',
    unnamed: ['limits.cpu'],
  })
})
