import type { Database } from '@plinth/db'
import type { Authenticator, Bound, Clock, KitTables, Log, Mailer, Subscriber, System } from '@plinth/kit'
import type { Settings } from './settings.ts'

/** What systems are made from. */
export interface Parts {
  readonly settings: Settings
  readonly db: Database<KitTables>
  readonly clock: Clock
  readonly log: Log
  readonly mailer: Mailer
}

/** A contract with what answers it. */
export interface Served {
  readonly bound: Bound
  readonly subscribers: readonly Subscriber[]
  readonly purges: readonly NonNullable<System<unknown>['purge']>[]
  readonly authenticator: Authenticator
}

/** Makes what a server serves from its parts. */
export type Surface = (parts: Parts) => Served
