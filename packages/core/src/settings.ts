import type { Database } from '@plinth/db'
import type {
  Bus,
  Clock,
  CountryLookup,
  Jobs,
  KitTables,
  Log,
  LoginStore,
  Mailer,
  Metrics,
  NameLookup,
  Schedules,
  ThreatList,
  Vault,
  WebhookSender,
} from '@plinth/kit'
import type { GuardSettings } from './guard/settings.ts'

/** What a password hash costs: memory in KiB, passes, lanes. */
export interface HashCost {
  readonly memoryCost: number
  readonly timeCost: number
  readonly parallelism: number
}

/** How events are told to other servers. Times are milliseconds. */
interface WebhookSettings {
  /** The most webhooks that there may be. */
  readonly most: number
  readonly concurrency: number
  readonly perHost: number
  /** How long the secret before still signs after a rotation. */
  readonly overlapMs: number
  readonly disableAfterMs: number
  readonly retentionDays: number
}

/** The settings of this system. Lifetimes are in milliseconds. */
export interface CoreSettings {
  readonly accessTokenMs: number
  readonly refreshTokenMs: number
  readonly verificationMs: number
  readonly passwordHash: HashCost
  /** Address of the web application, to which mails link; without a slash at its end. */
  readonly webUrl: string
  readonly webhooks: WebhookSettings
  readonly guard: GuardSettings
  /** Whether clients reach the server over https. */
  readonly secure: boolean
}

/** What request defence asks: where addresses are, what they are called, and who else calls them bad. */
export interface Defence {
  readonly countries: CountryLookup
  readonly names: NameLookup
  readonly threatLists: readonly ThreatList[]
}

/** Everything that this system is given from outside. */
export interface CoreDeps {
  /** For the jobs that follow from events; handlers get their own handle. */
  readonly db: Database<KitTables>
  readonly clock: Clock
  readonly metrics: Metrics
  readonly bus: Bus
  readonly defence: Defence
  readonly logins: LoginStore
  readonly log: Log
  readonly mailer: Mailer
  readonly jobs: Jobs
  readonly schedules: Schedules
  readonly vault: Vault
  readonly webhookSender: WebhookSender
  readonly settings: CoreSettings
}
