import { createMemoryLimiter } from '@plinth/adapters'
import { nothing, query } from '@plinth/contract'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { systemClock } from '../clock.ts'
import { prepareLimit } from './rate-limit.ts'

test('a group that there are no limits for is refused at start, by the name of its procedure', () => {
  const procedure = query({ summary: 'Read', input: nothing, output: z.object({}), limit: 'auht' })
  const settings = { limits: { default: { perMinute: 1, burst: 1 }, auth: { perMinute: 1, burst: 1 } } }
  const deps = { limiter: createMemoryLimiter({ maxKeys: 1 }), clock: systemClock, settings }
  expect(() => prepareLimit('shop.things.read', procedure, deps)).toThrow(
    'shop.things.read: there are no limits "auht", but default, auth',
  )
})
