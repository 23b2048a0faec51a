import type { Subscriber } from '@plinth/kit'
import type { RequestGuard } from './guard.ts'

/** The event of a change of bans or rules, once it is committed. */
export const GUARD_CHANGED = 'guard.changed'

/** Has every process obey a change at once, where a bus connects them; else each finds it by itself within seconds. */
export const tellGuards = (guard: RequestGuard): Subscriber => ({
  event: GUARD_CHANGED,
  job: 'tell-guards',
  run: () => guard.changed(),
})
