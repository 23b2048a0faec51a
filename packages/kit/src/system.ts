import type { Migrations } from '@plinth/db'
import type { Follower, Subscriber } from './events.ts'
import type { Invariant } from './invariants.ts'
import type { ScheduledTask } from './ports/schedules.ts'
import type { Implementations } from './service.ts'

/** One system as `apps/api` wires it: what answers its contract, its tables, and what follows from events. */
export interface System<C> {
  readonly implementations: Implementations<C>
  readonly migrations: Migrations
  /** What must hold in its tables; `plinth verify` checks it on a live database. */
  readonly invariants: readonly Invariant[]
  readonly subscribers: readonly Subscriber[]
  /** What follows from many kinds of events. */
  readonly followers?: readonly Follower[]
  /** What is done again and again, such as deleting rows that have served. */
  readonly tasks?: readonly ScheduledTask[]
}
