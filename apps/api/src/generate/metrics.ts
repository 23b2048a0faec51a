import type { Metrics } from '@plinth/kit'

interface Question {
  readonly asks: string
  readonly queries: readonly string[]
}

const OF_CALLS = 'plinth_answer_seconds'

/** What is asked of a server that runs, and the queries that answer it. */
const questions: readonly Question[] = [
  { asks: 'Request rate, by procedure', queries: [`sum by (procedure) (rate(${OF_CALLS}_count[5m]))`] },
  {
    asks: 'Error rate: share of calls that failed for a reason of ours',
    queries: [`sum(rate(${OF_CALLS}_count{status=~"5.."}[5m])) / sum(rate(${OF_CALLS}_count[5m]))`],
  },
  {
    asks: 'Latency: the time that 99 of 100 calls keep to',
    queries: [`histogram_quantile(0.99, sum by (le) (rate(${OF_CALLS}_bucket[5m])))`],
  },
  {
    asks: 'The same for one procedure',
    queries: [
      `histogram_quantile(0.99, sum by (le) (rate(${OF_CALLS}_bucket{procedure="commerce.products.list"}[5m])))`,
    ],
  },
  { asks: 'Calls turned away by a limit', queries: [`sum(rate(${OF_CALLS}_count{status="429"}[5m]))`] },
  {
    asks: 'Requests at work, and refused because there were too many',
    queries: ['plinth_requests_in_flight', 'rate(plinth_requests_shed_total[5m])'],
  },
  { asks: 'Dependencies that are away: the database, Redis, mail, files', queries: ['plinth_part_up == 0'] },
  { asks: 'Circuits that are open', queries: ['plinth_outside_state{state="open"} == 1'] },
  {
    asks: 'Database: time of statements, and who waits for a connection',
    queries: [
      'histogram_quantile(0.99, sum by (le, role) (rate(plinth_query_seconds_bucket[5m])))',
      'plinth_connections{of=~".*_waiting"}',
    ],
  },
  {
    asks: 'Cache: share of answers that were there',
    queries: [
      'sum(rate(plinth_cache_total{result="hit"}[5m])) / sum(rate(plinth_cache_total{result=~"hit|miss"}[5m]))',
    ],
  },
  {
    asks: 'Jobs: how long the first has waited, and those given up',
    queries: ['plinth_jobs_oldest_seconds', 'plinth_jobs_kept{state="dead"}'],
  },
  { asks: 'Processor, in cores', queries: ['rate(process_cpu_seconds_total[5m])'] },
  { asks: 'Memory', queries: ['process_resident_memory_bytes'] },
  { asks: 'Delay of the event loop', queries: ['nodejs_eventloop_lag_p99_seconds'] },
  {
    asks: 'Disk that is left, and the size of the database',
    queries: ['plinth_database_free_bytes', 'plinth_database_bytes'],
  },
]

const UNITS: readonly (readonly [RegExp, string])[] = [
  [/_seconds(_total)?$/, 'seconds'],
  [/_bytes$/, 'bytes'],
]

const unitOf = (name: string): string => UNITS.find(([pattern]) => pattern.test(name))?.[1] ?? 'count'

const labelsOf = (registry: Metrics['registry'], name: string): readonly string[] => {
  const metric = registry.getSingleMetric(name)
  return metric && 'labelNames' in metric && Array.isArray(metric.labelNames)
    ? metric.labelNames.map(String)
    : []
}

const cell = (text: string): string => text.replaceAll('|', '\\|')

const tableOf = (rows: readonly string[]): string =>
  ['| metric | type | unit | labels | what it tells |', '| --- | --- | --- | --- | --- |', ...rows].join('\n')

/** The reference of all metrics, from a server that has every part. */
export const metricsText = async ({ registry }: Metrics): Promise<string> => {
  const metrics = (await registry.getMetricsAsJSON()).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const rowsOf = (ours: boolean) =>
    metrics
      .filter(({ name }) => name.startsWith('plinth_') === ours)
      .map(({ name, type, help }) => {
        const labels = labelsOf(registry, name).map((label) => `\`${label}\``)
        return `| \`${name}\` | ${String(type)} | ${unitOf(name)} | ${labels.join(', ')} | ${cell(help)} |`
      })
  const asked = questions.map(({ asks, queries }) => {
    const shown = queries.map((query) => `\`${cell(query)}\``)
    return `| ${asks} | ${shown.join(', ')} |`
  })
  return `# Metrics

Made from a server with every part by \`npm run docs\`; do not edit.

\`/metrics\` answers all of them in the format of Prometheus, of the API and of \`plinth worker\` alike; set \`metricsToken\`
where others can reach it. Counters and histograms begin at zero with each process. A metric of a part that can not be
read shows nothing, and the rest is there. How to look at them: [observe](guides/observe.md).

## What to ask

| question | queries |
| --- | --- |
${asked.join('\n')}

## Of Plinth

A histogram has the series \`_bucket\`, with the label \`le\`, \`_sum\` and \`_count\`. \`plinth_redis_state\` is there where
\`redis.url\` is set, \`plinth_logins_redis_state\` where \`sessions.redisUrl\` is, \`plinth_broker_state\` where
\`broker.url\` is, and \`plinth_spans_total\` where \`tracing.url\` is.

${tableOf(rowsOf(true))}

## Of the process

On Linux; other systems lack some.

${tableOf(rowsOf(false))}
`
}
