import type { Migrations } from '@plinth/db'
import type { Subscriber } from './events.ts'
import type { Implementations } from './service.ts'

/** One system as `apps/api` wires it: what answers its contract, its tables, and what follows from events. */
export interface System<C> {
  readonly implementations: Implementations<C>
  readonly migrations: Migrations
  readonly subscribers: readonly Subscriber[]
  /** Deletes rows that have served, now and then; answers how many. */
  purge?(now: Date): Promise<number>
}
