import type { Database } from '@plinth/db'
import type {
  Authenticator,
  Bound,
  Bus,
  Clock,
  Files,
  Invariant,
  Jobs,
  KitTables,
  Locks,
  Log,
  LoginStore,
  Mailer,
  Outside,
  ScheduledTask,
  Schedules,
  Subscriber,
} from '@plinth/kit'
import type { Settings } from './settings.ts'

/** What systems are made from. */
export interface Parts {
  readonly settings: Settings
  readonly db: Database<KitTables>
  readonly clock: Clock
  readonly log: Log
  readonly mailer: Mailer
  readonly outside: Outside
  readonly files: Files
  readonly bus: Bus
  readonly locks: Locks
  readonly logins: LoginStore
  readonly jobs: Jobs
  readonly schedules: Schedules
}

/** A contract with what answers it. */
export interface Served {
  readonly bound: Bound
  readonly subscribers: readonly Subscriber[]
  /** What must hold in the database at any moment; left out: nothing is checked. */
  readonly invariants?: readonly Invariant[]
  /** What is done on schedule, besides what the kit does. */
  readonly tasks?: readonly ScheduledTask[]
  readonly authenticator: Authenticator
}

/** Makes what a server serves from its parts. */
export type Surface = (parts: Parts) => Served
