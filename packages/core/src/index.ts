import type { contract } from '@plinth/contract'
import type { System } from '@plinth/kit'
import { coreMigrations } from '../migrations/index.ts'
import { accounts } from './accounts/handlers.ts'
import { createPasswords } from './accounts/passwords.ts'
import { verificationMails } from './accounts/verification.ts'
import { apiKeys } from './api-keys/handlers.ts'
import { purgeApiKeys } from './api-keys/purge.ts'
import { auditEntries } from './audit-entries/handlers.ts'
import type { CoreDb } from './db.ts'
import { failures } from './failures/handlers.ts'
import { coreInvariants } from './invariants.ts'
import { jobs } from './jobs/handlers.ts'
import { logLevels } from './log-levels/handlers.ts'
import { purgeIdentity } from './purge.ts'
import { schedules } from './schedules/handlers.ts'
import { sessions } from './sessions/handlers.ts'
import type { CoreDeps } from './settings.ts'
import { statements } from './statements/handlers.ts'
import { webhookDeliveries } from './webhook-deliveries/handlers.ts'
import { deliver } from './webhooks/deliver.ts'
import { TELL, tellDisabled } from './webhooks/disable.ts'
import { fanOut } from './webhooks/fan-out.ts'
import { webhooks } from './webhooks/handlers.ts'
import { createHosts } from './webhooks/hosts.ts'
import { DELIVER } from './webhooks/job.ts'
import { tidyWebhooks } from './webhooks/purge.ts'

export { coreMigrations } from '../migrations/index.ts'
export { type Role, roles } from './access/roles.ts'
export { createAccount, type NewAccount } from './accounts/create-account.ts'
export { createKeyAuthenticator } from './api-keys/authenticate.ts'
export { type BackupOutcome, lastBackups, recordBackup } from './backups/record.ts'
export type { CoreDb } from './db.ts'
export { createFailureRecorder, type FailureRecorder } from './failures/recorder.ts'
export { coreInvariants } from './invariants.ts'
export { KEEP_EXPIRED_MS } from './purge.ts'
export { createAuthenticator } from './sessions/authenticator.ts'
export { createTableLogins } from './sessions/table-logins.ts'
export type { CoreDeps, CoreSettings } from './settings.ts'
export { newToken } from './tokens.ts'

/** What every system shares: identity and the audit log. */
export const core = (deps: CoreDeps): System<typeof contract.core> => {
  const passwords = createPasswords(deps.settings.passwordHash)
  const { logins } = deps
  const { concurrency, perHost } = deps.settings.webhooks
  deps.jobs.handle(DELIVER, deliver(deps, createHosts(perHost)), { concurrency })
  deps.jobs.handle(TELL, tellDisabled(deps))
  return {
    implementations: {
      accounts: accounts(passwords, logins),
      apiKeys: apiKeys(deps),
      auditEntries,
      failures,
      jobs: jobs(deps.jobs),
      logLevels: logLevels(deps.log),
      schedules: schedules(deps.schedules),
      sessions: sessions({
        passwords,
        logins,
        settings: deps.settings,
        countryOf: () => null,
        placeOf: () => undefined,
      }),
      statements: statements(deps.db),
      webhookDeliveries,
      webhooks: webhooks(deps),
    },
    migrations: coreMigrations,
    invariants: coreInvariants,
    subscribers: verificationMails(deps),
    followers: [fanOut(deps)],
    tasks: [
      {
        name: 'purge-identity',
        description: 'Deletes tokens and logins that expired a week ago',
        cron: '27 * * * *',
        run: async (due) => void (await deps.db.as<CoreDb>().transaction((trx) => purgeIdentity(trx, due))),
      },
      {
        name: 'purge-api-keys',
        description: 'Deletes nonces of old signatures, and API keys that ended a week ago',
        cron: '*/10 * * * *',
        run: (due, signal) => purgeApiKeys(deps, due, signal),
      },
      {
        name: 'tidy-webhooks',
        description: 'Deletes deliveries that have served, and sees to those that were left behind',
        cron: '47 * * * *',
        run: (due, signal) => tidyWebhooks(deps, due, signal),
      },
    ],
  }
}
