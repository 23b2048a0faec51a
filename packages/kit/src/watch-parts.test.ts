import { expect, test } from 'vitest'
import { createMetrics, watchState } from './index.ts'

test('a part that can not be read shows nothing, also not what it said before, and hides no other metric', async () => {
  const metrics = createMetrics()
  let says: Readonly<Record<string, number>> | null = { ready: 2, dead: 1 }
  watchState(metrics, {
    name: 'part',
    help: 'What it says',
    async read() {
      if (!says) throw new Error('away')
      return says
    },
  })
  const shown = async () =>
    (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith('part'))
  expect(await shown()).toEqual(['part{of="ready"} 2', 'part{of="dead"} 1'])
  says = { ready: 3 }
  expect(await shown()).toEqual(['part{of="ready"} 3'])
  says = null
  expect(await shown()).toEqual([])
  expect(await metrics.registry.metrics()).toContain('# HELP plinth_requests_in_flight ')
})
