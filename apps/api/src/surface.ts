import type { Defence, RequestGuard } from '@plinth/core'
import type { Database } from '@plinth/db'
import type {
  Authenticator,
  Bound,
  Bus,
  Clock,
  Files,
  Follower,
  IdentityProviders,
  Invariant,
  Jobs,
  KitTables,
  Locks,
  Log,
  LoginStore,
  Mailer,
  Metrics,
  Outside,
  ScheduledTask,
  Schedules,
  SmsSender,
  Subscriber,
  Vault,
  WebhookSender,
} from '@plinth/kit'
import type { Settings } from './settings.ts'

/** What systems are made from. */
export interface Parts {
  readonly settings: Settings
  readonly db: Database<KitTables>
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly defence: Defence
  readonly mailer: Mailer
  readonly sms: SmsSender
  readonly outside: Outside
  readonly files: Files
  readonly bus: Bus
  readonly locks: Locks
  readonly logins: LoginStore
  readonly jobs: Jobs
  readonly schedules: Schedules
  readonly vault: Vault
  readonly identityProviders: IdentityProviders
  readonly webhookSender: WebhookSender
}

/** A contract with what answers it. */
export interface Served {
  readonly bound: Bound
  readonly subscribers: readonly Subscriber[]
  /** What follows from many kinds of events, besides what the server itself is set up to do. */
  readonly followers?: readonly Follower[]
  /** What must hold in the database at any moment; left out: nothing is checked. */
  readonly invariants?: readonly Invariant[]
  /** What is done on schedule, besides what the kit does. */
  readonly tasks?: readonly ScheduledTask[]
  readonly authenticator: Authenticator
  /** Judges requests before they are answered; left out: nobody does. */
  readonly guard?: RequestGuard | null
}

/** Makes what a server serves from its parts. */
export type Surface = (parts: Parts) => Served
