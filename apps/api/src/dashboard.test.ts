import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { testApp } from '@plinth/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const read = (path: string): string => readFileSync(root + path, 'utf8')

interface Target {
  readonly refId: string
  readonly expr: string
  readonly legendFormat: string
  readonly datasource: unknown
}

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly Target[]
  readonly datasource?: unknown
}

interface Dashboard {
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] }
}

const dashboard = JSON.parse(read('deploy/grafana/plinth.json')) as Dashboard
const rows = dashboard.panels.filter(({ type }) => type === 'row')
const panels = dashboard.panels.filter(({ type }) => type !== 'row')

/** What Prometheus adds by itself. */
const ITS_OWN = ['up']
const SUFFIXES: Readonly<Record<string, readonly string[]>> = { histogram: ['_bucket', '_sum', '_count'] }

/** The labels of each metric that a server gives, by the name that it is asked for with. */
let given: Map<string, Set<string>>
beforeAll(async () => {
  await using app = await testApp({
    env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:1/v1/traces' },
  })
  const { registry } = app.composed.metrics
  const { text } = await app.rest('GET', '/metrics')
  given = new Map(ITS_OWN.map((name) => [name, new Set(['job', 'instance'])]))
  for (const [, name = '', type = ''] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm))
    for (const suffix of SUFFIXES[type] ?? ['']) {
      const metric = registry.getSingleMetric(name)
      const own = metric && 'labelNames' in metric ? (metric.labelNames as readonly string[]) : []
      given.set(name + suffix, new Set([...own, 'le', 'job', 'instance']))
    }
})

/** What a query asks for: metrics with the labels that it picks them by. */
const askedBy = (query: string) =>
  [...query.matchAll(/\b((?:plinth|nodejs|process)_\w+|up)\b(?:\{([^}]*)\})?/g)].map(
    ([, name = '', labels = '']) => ({
      name,
      labels: [...labels.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, label = '']) => label),
    }),
  )

const groupedBy = (query: string): string[] =>
  [...query.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, labels = '']) => labels.split(/,\s*/))

/** What a query names that no server gives. */
const unknownOf = (query: string): string[] => {
  const asked = askedBy(query)
  const known = new Set(asked.flatMap(({ name }) => [...(given.get(name) ?? [])]))
  const used = [...asked.flatMap(({ labels }) => labels), ...groupedBy(query)]
  return [
    ...(asked.length === 0 ? ['no metric'] : []),
    ...asked.map(({ name }) => name).filter((name) => !given.has(name)),
    ...used.filter((label) => !known.has(label)),
  ]
}

const balanced = (query: string): boolean =>
  ['()', '{}', '[]'].every(
    ([open = '', close = '']) => query.split(open).length === query.split(close).length,
  )

describe('the dashboard', () => {
  const queries = panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => [title, expr] as const),
  )

  test.each(queries)('%s asks for what a server gives: %s', (_, expr) => {
    expect(unknownOf(expr)).toEqual([])
    expect(balanced(expr)).toBe(true)
    expect(expr).toContain('instance=~"$instance"')
  })

  test('has panels with a title, a query and a place of their own', () => {
    const ids = dashboard.panels.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(panels.length).toBeGreaterThan(20)
    expect(rows.length).toBeGreaterThan(5)
    for (const { title, targets = [] } of panels) {
      expect(title).not.toBe('')
      expect([title, targets.length > 0]).toEqual([title, true])
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length)
    }
    const places = dashboard.panels.map(({ gridPos: { x, y } }) => `${x}/${y}`)
    expect(new Set(places).size).toBe(places.length)
    for (const {
      gridPos: { x, w },
    } of dashboard.panels)
      expect(x + w).toBeLessThanOrEqual(24)
  })

  test('asks the data source that is chosen, and no other', () => {
    expect(dashboard.templating.list).toMatchObject([
      { name: 'datasource', type: 'datasource' },
      { name: 'instance', type: 'query' },
    ])
    const sources = panels.flatMap(({ datasource, targets = [] }) => [
      datasource,
      ...targets.map((target) => target.datasource),
    ])
    expect(new Set(sources.map((source) => JSON.stringify(source)))).toEqual(
      new Set([JSON.stringify({ type: 'prometheus', uid: '$' + '{datasource}' })]),
    )
  })

  test('shows the rate, errors and latency of requests, dependencies and resources', () => {
    const asked = new Set(queries.flatMap(([, expr]) => askedBy(expr).map(({ name }) => name)))
    for (const name of [
      'plinth_answer_seconds_count',
      'plinth_answer_seconds_bucket',
      'plinth_requests_in_flight',
      'plinth_requests_shed_total',
      'plinth_part_up',
      'plinth_outside_state',
      'plinth_connections',
      'plinth_cache_state',
      'plinth_jobs_kept',
      'plinth_jobs_oldest_seconds',
      'nodejs_eventloop_lag_p99_seconds',
      'process_resident_memory_bytes',
      'process_cpu_seconds_total',
    ])
      expect(asked).toContain(name)
  })
})

describe('what else asks for metrics', () => {
  test('the rules of Prometheus name what a server gives, and say what is wrong', () => {
    const { groups } = parse(read('deploy/prometheus/rules.yaml')) as {
      groups: { rules: { alert: string; expr: string; annotations: { summary: string } }[] }[]
    }
    const rules = groups.flatMap((group) => group.rules)
    expect(rules.flatMap(({ expr }) => unknownOf(expr))).toEqual([])
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
    for (const { expr, annotations } of rules) {
      expect(balanced(expr)).toBe(true)
      expect(annotations.summary).not.toBe('')
    }
  })

  test('the queries of the reference name what a server gives', () => {
    const [, table = ''] = /## What to ask\n([\s\S]*?)\n## /.exec(read('docs/metrics.md')) ?? []
    const queries = [...table.matchAll(/`([^`]+)`/g)].map(([, query = '']) => query.replaceAll('\\|', '|'))
    expect(queries.length).toBeGreaterThan(10)
    expect(queries.flatMap(unknownOf)).toEqual([])
  })

  test('a metric or a label that is not there is found', () => {
    expect(unknownOf('rate(plinth_nothing_total[5m])')).toEqual(['plinth_nothing_total'])
    expect(unknownOf('sum by (color) (plinth_jobs_kept{size="1"})')).toEqual(['size', 'color'])
    expect(unknownOf('vector(0)')).toEqual(['no metric'])
  })
})
