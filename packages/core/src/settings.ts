import type { Database } from '@plinth/db'
import type {
  Bus,
  Clock,
  CountryLookup,
  Files,
  IdentityProviders,
  Jobs,
  KitTables,
  Log,
  LoginStore,
  Mailer,
  Metrics,
  NameLookup,
  Schedules,
  SmsSender,
  ThreatList,
  Vault,
  WebhookSender,
} from '@plinth/kit'
import type { GuardSettings } from './guard/settings.ts'
import type { SocialSettings } from './identities/settings.ts'
import type { PasskeySettings } from './passkeys/settings.ts'
import type { SecondFactorSettings } from './second-factors/settings.ts'

/** What a password hash costs: memory in KiB, passes, lanes. */
export interface HashCost {
  readonly memoryCost: number
  readonly timeCost: number
  readonly parallelism: number
}

/** How many failed attempts, within how long, lock an account, and for how long. Times are milliseconds. */
export interface LockoutSettings {
  /** Of one network. */
  readonly perNetwork: number
  /** Of all networks together. */
  readonly perAccount: number
  readonly windowMs: number
  readonly lockMs: number
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

/** How one-time codes are sent and looked at. Times are milliseconds. */
export interface OtpSettings {
  readonly codeMs: number
  readonly linkMs: number
  /** How many guesses at one code are looked at. */
  readonly attempts: number
  readonly coolDownMs: number
  /** The most that are sent to one recipient, whatever for. */
  readonly perHour: number
  readonly perDay: number
  /** Wrong codes for one recipient after which a network has to wait. */
  readonly wrongPerHour: number
}

/** What API keys may be. Times are milliseconds. */
export interface KeySettings {
  readonly maxPerUser: number
  readonly maxLifeMs: number
  readonly overlapMs: number
  readonly maxPerMinute: number
  readonly maxBurst: number
  /** How far the timestamp of a signature may be from now, to either side. */
  readonly signatureWindowMs: number
}

/** The settings of this system. Lifetimes are in milliseconds. */
export interface CoreSettings {
  readonly accessTokenMs: number
  readonly refreshTokenMs: number
  /** After so long a login ends, however often it is refreshed. */
  readonly absoluteMs: number
  /** How many logins a user may have at once, and what a further one does. */
  readonly maxPerUser: number
  readonly whenFull: 'end-oldest' | 'refuse'
  readonly verificationMs: number
  readonly lockout: LockoutSettings
  /** How long a proof of who somebody is opens sensitive operations. */
  readonly freshMs: number
  readonly secondFactors: SecondFactorSettings
  readonly passkeys: PasskeySettings
  readonly passwordHash: HashCost
  /** Address of the web application, to which mails link; without a slash at its end. */
  readonly webUrl: string
  readonly webhooks: WebhookSettings
  readonly otp: OtpSettings
  readonly accounts: { readonly refuseDisposable: boolean; readonly maxRoles: number }
  /** How hard to guess a new password must be, from 0 to 4. */
  readonly passwords: { readonly minScore: number }
  readonly keys: KeySettings
  readonly guard: GuardSettings
  readonly social: SocialSettings
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
  readonly files: Files
  readonly log: Log
  readonly mailer: Mailer
  readonly sms: SmsSender
  readonly jobs: Jobs
  readonly schedules: Schedules
  readonly vault: Vault
  readonly webhookSender: WebhookSender
  readonly identityProviders: IdentityProviders
  readonly settings: CoreSettings
}
