import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { expect, inject, onTestFinished, test, vi } from 'vitest'
import { measureMemory } from '../src/commands/measured.ts'
import { startRedis } from '../src/local/redis.ts'
import { createMetrics } from '../src/metrics.ts'

const PAGE = readFileSync(new URL('../docs/metrics.md', import.meta.url), 'utf8')

/** Name, kind and labels of each row. */
const rows = [...PAGE.matchAll(/^\| `(errand_\w+)` +\| (\w+) +\| ([^|]*?) *\|/gm)].map(
  ([, name, kind, labels = '']) => ({
    name,
    kind,
    labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
  }),
)

test('the page tells every metric there is, with its kind and labels, and no other', async () => {
  const { registry } = createMetrics()
  const there = await registry.getMetricsAsJSON()
  expect(there.length).toBeGreaterThan(15)
  expect(rows.toSorted(byName)).toEqual(
    there
      .map(({ name, type }) => ({ name, kind: String(type), labels: labelsOf(registry.getSingleMetric(name)) }))
      .toSorted(byName),
  )
})

test('names from outside do not fill our memory', async () => {
  const metrics = createMetrics()
  const none = { input: 0, cacheRead: 0, cacheWrite: 0, output: 1 }
  for (let n = 0; n < 1000; n++) metrics.used({ project: 'demo/shop', agent: 'claude', model: `model-${n}` }, none, 0.5)
  const [calls] = (await metrics.registry.getMetricsAsJSON()).filter(({ name }) => name === 'errand_model_calls_total')
  expect(calls?.values).toHaveLength(501)
  expect(await metrics.read()).toContain(
    'errand_model_calls_total{project="demo/shop",agent="claude",model="other"} 500',
  )
})

test('what is asked for at reading may fail, or never answer: all else is told', async () => {
  const metrics = createMetrics()
  metrics.watchIs(7)
  metrics.beforeReading(async () => {
    throw new Error('away')
  })
  metrics.beforeReading(() => new Promise(() => {}))
  metrics.beforeReading(async () => metrics.queueIs('tasks', { oldest: 3, waiting: 2, later: 1, parked: 0 }))
  const text = await metrics.read()
  expect(text).toContain('errand_watch_age_seconds 7')
  expect(text).toContain('errand_queue_age_seconds{queue="tasks"} 3')
  expect(text).toContain('errand_queue_jobs{queue="tasks",state="later"} 1')
})

test('a number that cannot be asked for is not told, rather than an old one, and is not asked for twice at once', async () => {
  const metrics = createMetrics()
  let asked = 0
  let answer = Promise.resolve()
  metrics.beforeReading(async () => {
    asked++
    await answer
    metrics.queueIs('tasks', { oldest: 3, waiting: 2, later: 1, parked: 0 })
  }, metrics.queuesAreUnknown)
  expect(await metrics.read()).toContain('errand_queue_age_seconds{queue="tasks"} 3')
  const away = Promise.withResolvers<void>()
  answer = away.promise
  for (let n = 0; n < 2; n++) expect(await metrics.read()).not.toMatch(/^errand_queue_\w+\{/m)
  expect(asked).toBe(2)
  away.resolve()
  await vi.waitFor(async () => expect(await metrics.read()).toContain('errand_queue_age_seconds{queue="tasks"} 3'))
  answer = Promise.reject(new Error('away'))
  expect(await metrics.read()).not.toMatch(/^errand_queue_\w+\{/m)
})

test('what can be counted is there from the start', async () => {
  const metrics = createMetrics()
  for (const part of ['serve', 'work'] as const) metrics.begins(part)
  const text = await metrics.read()
  for (const line of [
    'errand_process{part="serve"} 1',
    'errand_process{part="work"} 1',
    'errand_deliveries_total{status="202"} 0',
    'errand_deliveries_total{status="503"} 0',
    'errand_received_total{outcome="new"} 0',
    'errand_tasks_ended_total{state="succeeded"} 0',
    'errand_tasks_ended_total{state="failed"} 0',
    'errand_tasks_ended_total{state="cancelled"} 0',
  ])
    expect(text).toContain(`${line}\n`)
  expect(text).not.toContain('errand_process{part="door"}')
  metrics.finished('demo/shop', 'failed', 'setup', 5)
  expect(await metrics.read()).toContain('errand_tasks_ended_total{state="failed"} 1\n')
})

test('how full Redis is: absent without a limit', async () => {
  const metrics = createMetrics()
  const folder = mkdtempSync(join(tmpdir(), 'metrics-redis-'))
  const server = await startRedis(inject('redisServer'), folder)
  const redis = new Redis(server.url)
  onTestFinished(async () => {
    redis.disconnect()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  measureMemory(metrics, redis)
  expect(await metrics.read()).not.toMatch(/^errand_redis_memory_ratio /m)
  await redis.config('SET', 'maxmemory', '1gb')
  const ratio = Number(/^errand_redis_memory_ratio (.*)$/m.exec(await metrics.read())?.[1])
  expect(ratio).toBeGreaterThan(0)
  expect(ratio).toBeLessThan(0.1)
})

function byName(a: { readonly name: string | undefined }, b: { readonly name: string | undefined }): number {
  return String(a.name).localeCompare(String(b.name))
}

/** The library keeps them to itself. */
function labelsOf(metric: object | undefined): readonly unknown[] {
  return metric !== undefined && 'labelNames' in metric && Array.isArray(metric.labelNames) ? metric.labelNames : []
}
