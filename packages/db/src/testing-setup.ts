import { randomBytes } from 'node:crypto'
import { findServer } from './testing/server.ts'
import { dropTemplates } from './testing/templates.ts'
import { testEngine } from './testing.ts'

/**
 * Vitest's global setup: finds or starts the Postgres server once for all workers; when the run ends its
 * templates are dropped, and a server that was started for it is stopped.
 */
export const setup = async (): Promise<(() => Promise<void>) | undefined> => {
  // Every project of a workspace calls this; the first one does the work.
  if (testEngine() !== 'postgres' || process.env.TEST_RUN) return undefined
  const run = randomBytes(4).toString('hex')
  process.env.TEST_RUN = run
  const { url, stop } = await findServer()
  process.env.TEST_DATABASE_URL = url
  return async () => {
    await dropTemplates(url, run)
    await stop()
  }
}
