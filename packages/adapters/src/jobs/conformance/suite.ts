import { test } from 'vitest'
import { adding } from './adding.ts'
import { failing } from './failing.ts'
import { losing } from './losing.ts'
import type { Adapter } from './set-up.ts'
import { working } from './working.ts'

/** What every adapter of the port `Jobs` has to hold, each a test. */
export const jobsConformance = (adapter: Adapter): void => {
  for (const [guarantee, holds] of Object.entries({ ...adding, ...failing, ...losing, ...working }))
    test.concurrent(guarantee, () => holds(adapter))
}
