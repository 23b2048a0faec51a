import { accounts } from './accounts.ts'
import { addressRules } from './address-rules.ts'
import { auditEntries } from './audit-entries.ts'
import { bans } from './bans.ts'
import { failures } from './failures.ts'
import { jobs } from './jobs.ts'
import { logLevels } from './log-levels.ts'
import { reputations } from './reputations.ts'
import { requests } from './requests.ts'
import { schedules } from './schedules.ts'
import { sessions } from './sessions.ts'
import { statements } from './statements.ts'
import { webhookDeliveries } from './webhook-deliveries.ts'
import { webhooks } from './webhooks.ts'

// Modules are named in the type, so that the published declarations keep their documentation.
/** What every system shares: identity, the audit log, and a look inside the running server. */
export const core: {
  readonly accounts: typeof accounts
  readonly addressRules: typeof addressRules
  readonly auditEntries: typeof auditEntries
  readonly bans: typeof bans
  readonly failures: typeof failures
  readonly jobs: typeof jobs
  readonly logLevels: typeof logLevels
  readonly reputations: typeof reputations
  readonly requests: typeof requests
  readonly schedules: typeof schedules
  readonly sessions: typeof sessions
  readonly statements: typeof statements
  readonly webhookDeliveries: typeof webhookDeliveries
  readonly webhooks: typeof webhooks
} = {
  accounts,
  addressRules,
  auditEntries,
  bans,
  failures,
  jobs,
  logLevels,
  reputations,
  requests,
  schedules,
  sessions,
  statements,
  webhookDeliveries,
  webhooks,
}
