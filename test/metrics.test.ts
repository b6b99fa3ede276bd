import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
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

function byName(a: { readonly name: string | undefined }, b: { readonly name: string | undefined }): number {
  return String(a.name).localeCompare(String(b.name))
}

/** The library keeps them to itself. */
function labelsOf(metric: object | undefined): readonly unknown[] {
  return metric !== undefined && 'labelNames' in metric && Array.isArray(metric.labelNames) ? metric.labelNames : []
}
