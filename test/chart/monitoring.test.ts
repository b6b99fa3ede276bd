/** Alerts and dashboard ask for numbers that there are. */

import { expect, test } from 'vitest'
import { createMetrics } from '../../src/metrics.ts'
import { MATRIX } from './matrix.ts'
import { render, the } from './render.ts'

const OBJECTS = await render(MATRIX['everything scaled and watched'] ?? {})

type Rule = { readonly alert: string; readonly expr: string; readonly annotations: Readonly<Record<string, string>> }
type Panel = { readonly title: string; readonly targets: readonly { readonly expr: string }[] }

function rules(): readonly Rule[] {
  const { groups } = the(OBJECTS, 'PrometheusRule').spec as { groups: readonly { rules: readonly Rule[] }[] }
  return groups.flatMap(({ rules }) => rules)
}

function panels(): readonly Panel[] {
  const { data } = the(OBJECTS, 'ConfigMap', 'errand-dashboard') as unknown as { data: Record<string, string> }
  return JSON.parse(data['errand.json'] ?? '').panels
}

/** Each with its labels; a histogram has three names. */
async function known(): Promise<ReadonlyMap<string, readonly string[]>> {
  const all = await createMetrics().registry.getMetricsAsJSON()
  const labels = createMetrics().registry.getMetricsAsArray() as unknown as { name: string; labelNames: string[] }[]
  return new Map(
    all.flatMap(({ name, type }) => {
      const its = [...(labels.find((one) => one.name === name)?.labelNames ?? []), 'namespace']
      const names = String(type) === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
      return names.map((suffix) => [`${name}${suffix}`, [...its, 'le']] as const)
    }),
  )
}

test('every number that is asked for exists, with the labels that it is asked by', async () => {
  const numbers = await known()
  const asked = [
    ...rules().map(({ alert, expr }) => [alert, expr]),
    ...panels().flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr])),
  ]
  expect(asked.length).toBeGreaterThan(20)
  for (const [what, expr = ''] of asked) {
    const by = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) =>
      list.split(',').map((one) => one.trim()),
    )
    const names = [...expr.matchAll(/(errand_\w+)\{([^}]*)\}/g)]
    expect([what, names.length]).toEqual([what, expr.split('errand_').length - 1])
    for (const [, name = '', matchers = ''] of names) {
      expect([what, name, numbers.has(name)]).toEqual([what, name, true])
      const labels = [...by, ...[...matchers.matchAll(/(\w+)\s*=/g)].map(([, label = '']) => label)]
      expect([what, labels.filter((label) => !numbers.get(name)?.includes(label))]).toEqual([what, []])
    }
  }
})

/** Counted from each process' start: of a series that appears only later Prometheus does not see the first ones. */
test('alerts on few ask for series that are there from the start', async () => {
  const metrics = createMetrics()
  for (const part of ['serve', 'work', 'door'] as const) metrics.begins(part)
  const all = await metrics.registry.getMetricsAsJSON()
  const few = rules().filter(({ expr }) => /increase\(/.test(expr))
  expect(few.length).toBeGreaterThan(3)
  for (const { alert, expr } of few)
    for (const [, name = '', matchers = ''] of expr.matchAll(/increase\((\w+)\{([^}]*)\}/g)) {
      const { values = [] } = all.find((one) => one.name === name) ?? {}
      const [, label = '', pattern = ''] = /(\w+)=~?"([^"]*)"/.exec(matchers.replace(/namespace="ours"/, '')) ?? []
      const asked = values.filter(({ labels }) => new RegExp(`^(${pattern})?$`).test(String(labels[label] ?? '')))
      expect([alert, name, asked.length > 0]).toEqual([alert, name, true])
    }
})

test('whatever part is away, or comes to its end, somebody is told', () => {
  const by = new Map(rules().map(({ alert, expr }) => [alert, expr.replace(/,? *namespace="ours"/, '')]))
  expect(by.get('ErrandServeAway')).toBe('absent(errand_process{part="serve"})')
  expect(by.get('ErrandDoorAway')).toBe('absent(errand_process{part="door"})')
  expect(by.get('ErrandAway')).toBe('absent(errand_process{part="work"})')
  expect(by.get('ErrandTokenEnds')).toBe('min(errand_gitlab_token_expires_seconds{}) < 7 * 24 * 3600')
  expect(by.get('ErrandRedisFull')).toBe('max(errand_redis_memory_ratio{}) > 0.8')
  expect(by.get('ErrandClusterSilent')).toBe('max(errand_watch_age_seconds{}) > 300')
})

test('every alert says what is wrong and what to do, of this release only', () => {
  for (const { alert, expr, annotations } of rules()) {
    expect([alert, annotations]).toEqual([alert, { summary: expect.any(String), description: expect.any(String) }])
    expect(expr).toContain('namespace="ours"')
  }
})

test('Prometheus finds the health ports of all our pods', () => {
  const { labels = {} } = the(OBJECTS, 'Service', 'errand-metrics').metadata
  const { selector } = the(OBJECTS, 'ServiceMonitor').spec as { selector: { matchLabels: object } }
  expect(labels).toMatchObject(selector.matchLabels)
})
