import { createFakeClock } from '@plinth/testing'
import { compose } from '../src/compose.ts'
import { readConfig } from '../src/config.ts'
import { plinth } from '../src/systems.ts'

/** Runs all that is due, a day later: leases of a process that was killed have run out by then. */
export const settleADayLater = async (env: Readonly<Record<string, string>>): Promise<void> => {
  const clock = createFakeClock(new Date(Date.now() + 86_400_000))
  const composed = await compose(readConfig(env), plinth, { clock })
  try {
    await composed.background.settle()
  } finally {
    await composed.close()
  }
}
