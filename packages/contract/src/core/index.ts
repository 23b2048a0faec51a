import { access } from './access.ts'
import { accounts } from './accounts.ts'
import { addressRules } from './address-rules.ts'
import { apiKeys } from './api-keys.ts'
import { auditEntries } from './audit-entries.ts'
import { bans } from './bans.ts'
import { devices } from './devices.ts'
import { failures } from './failures.ts'
import { identities } from './identities.ts'
import { jobs } from './jobs.ts'
import { logLevels } from './log-levels.ts'
import { passkeys } from './passkeys.ts'
import { merchantPasswords, organizerPasswords, passwords } from './passwords.ts'
import { merchants, organizers } from './portals.ts'
import { reputations } from './reputations.ts'
import { requests } from './requests.ts'
import { roles } from './roles.ts'
import { schedules } from './schedules.ts'
import { secondFactors } from './second-factors.ts'
import { sessions } from './sessions.ts'
import { statements } from './statements.ts'
import { users } from './users.ts'
import { webhookDeliveries } from './webhook-deliveries.ts'
import { webhooks } from './webhooks.ts'

// Modules are named in the type, so that the published declarations keep their documentation.
/** What every system shares: identity, the audit log, and a look inside the running server. */
export const core: {
  readonly accounts: typeof accounts
  readonly users: typeof users
  readonly roles: typeof roles
  readonly devices: typeof devices
  readonly access: typeof access
  readonly apiKeys: typeof apiKeys
  readonly addressRules: typeof addressRules
  readonly auditEntries: typeof auditEntries
  readonly bans: typeof bans
  readonly failures: typeof failures
  readonly identities: typeof identities
  readonly jobs: typeof jobs
  readonly logLevels: typeof logLevels
  readonly merchants: typeof merchants
  readonly organizers: typeof organizers
  readonly merchantPasswords: typeof merchantPasswords
  readonly organizerPasswords: typeof organizerPasswords
  readonly passwords: typeof passwords
  readonly passkeys: typeof passkeys
  readonly reputations: typeof reputations
  readonly requests: typeof requests
  readonly schedules: typeof schedules
  readonly secondFactors: typeof secondFactors
  readonly sessions: typeof sessions
  readonly statements: typeof statements
  readonly webhookDeliveries: typeof webhookDeliveries
  readonly webhooks: typeof webhooks
} = {
  accounts,
  users,
  roles,
  devices,
  access,
  apiKeys,
  addressRules,
  auditEntries,
  bans,
  failures,
  identities,
  jobs,
  logLevels,
  merchants,
  organizers,
  merchantPasswords,
  organizerPasswords,
  passwords,
  passkeys,
  reputations,
  requests,
  schedules,
  secondFactors,
  sessions,
  statements,
  webhookDeliveries,
  webhooks,
}
