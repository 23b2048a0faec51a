import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { SeriesHistogram } from './series-histogram.ts'

const create = () => {
  const registry = new Registry()
  const durations = new SeriesHistogram({
    name: 'work_seconds',
    help: 'Time of work',
    labelNames: ['kind'],
    buckets: [0.1, 1],
    registers: [registry],
  })
  return { registry, durations }
}

test('every duration counts in each bucket that it fits into, in the sum and in the count', async () => {
  const { registry, durations } = create()
  const series = durations.series('slow')
  for (const seconds of [0.1, 0.5, 1, 7]) series.observe(seconds)
  const text = await registry.metrics()
  expect(text).toContain('# TYPE work_seconds histogram')
  expect(text).toContain('work_seconds_bucket{le="0.1",kind="slow"} 1')
  expect(text).toContain('work_seconds_bucket{le="1",kind="slow"} 3')
  expect(text).toContain('work_seconds_bucket{le="+Inf",kind="slow"} 4')
  expect(text).toContain('work_seconds_sum{kind="slow"} 8.6')
  expect(text).toContain('work_seconds_count{kind="slow"} 4')
})

test('series of the same labels are one, of other labels another', async () => {
  const { registry, durations } = create()
  durations.series('a').observe(1)
  durations.series('a').observe(1)
  durations.series('b').observe(1)
  const text = await registry.metrics()
  expect(text).toContain('work_seconds_count{kind="a"} 2')
  expect(text).toContain('work_seconds_count{kind="b"} 1')
})

test('the registry lists it as an object too', async () => {
  const { registry, durations } = create()
  durations.series('a').observe(2)
  const [metric] = await registry.getMetricsAsJSON()
  expect(metric).toMatchObject({ name: 'work_seconds', type: 'histogram' })
  expect(metric?.values).toContainEqual(
    expect.objectContaining({ metricName: 'work_seconds_sum', labels: { kind: 'a' }, value: 2 }),
  )
})
