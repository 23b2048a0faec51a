import type { contract } from '@plinth/contract'
import type { System } from '@plinth/kit'
import { coreMigrations } from '../migrations/index.ts'
import { accounts } from './accounts/handlers.ts'
import { createPasswords } from './accounts/passwords.ts'
import { verificationMails } from './accounts/verification.ts'
import { auditEntries } from './audit-entries/handlers.ts'
import type { CoreDb } from './db.ts'
import { failures } from './failures/handlers.ts'
import { coreInvariants } from './invariants.ts'
import { jobs } from './jobs/handlers.ts'
import { logLevels } from './log-levels/handlers.ts'
import { passkeys } from './passkeys/handlers.ts'
import { purgeIdentity } from './purge.ts'
import { schedules } from './schedules/handlers.ts'
import { createAttempts } from './second-factors/attempts.ts'
import { secondFactors } from './second-factors/handlers.ts'
import { factorMails } from './second-factors/mails.ts'
import { purgeFactors } from './second-factors/purge.ts'
import { type SessionDeps, sessions } from './sessions/handlers.ts'
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
export { hasWayIn, type WaysIn, waysIn } from './access/ways-in.ts'
export { createAccount, type NewAccount } from './accounts/create-account.ts'
export { type BackupOutcome, lastBackups, recordBackup } from './backups/record.ts'
export type { CoreDb } from './db.ts'
export { createFailureRecorder, type FailureRecorder } from './failures/recorder.ts'
export { coreInvariants } from './invariants.ts'
export { KEEP_EXPIRED_MS } from './purge.ts'
export { demandSecondFactor, type SecondFactorDeps } from './second-factors/demand.ts'
export { createAuthenticator } from './sessions/authenticator.ts'
export { createTableLogins } from './sessions/table-logins.ts'
export type { CoreDeps, CoreSettings } from './settings.ts'
export { newToken } from './tokens.ts'

/** What every system shares: identity and the audit log. */
export const core = (deps: CoreDeps): System<typeof contract.core> => {
  const passwords = createPasswords(deps.settings.passwordHash)
  const { logins } = deps
  const { concurrency, perHost } = deps.settings.webhooks
  const { attempts } = deps.settings.secondFactors
  const signingIn: SessionDeps = {
    passwords,
    logins,
    settings: deps.settings,
    secondFactors: { vault: deps.vault, attempts: createAttempts('second-factor', attempts) },
    proofAttempts: createAttempts('proof', attempts),
    countryOf: () => null,
    placeOf: () => undefined,
  }
  deps.jobs.handle(DELIVER, deliver(deps, createHosts(perHost)), { concurrency })
  deps.jobs.handle(TELL, tellDisabled(deps))
  return {
    implementations: {
      accounts: accounts(passwords, logins),
      auditEntries,
      failures,
      jobs: jobs(deps.jobs),
      logLevels: logLevels(deps.log),
      passkeys: passkeys(signingIn),
      schedules: schedules(deps.schedules),
      secondFactors: secondFactors(signingIn.secondFactors, deps.settings.secondFactors),
      sessions: sessions(signingIn),
      statements: statements(deps.db),
      webhookDeliveries,
      webhooks: webhooks(deps),
    },
    migrations: coreMigrations,
    invariants: coreInvariants,
    subscribers: [...verificationMails(deps), ...factorMails(deps)],
    followers: [fanOut(deps)],
    tasks: [
      {
        name: 'purge-identity',
        description: 'Deletes tokens and logins that expired a week ago',
        cron: '27 * * * *',
        run: async (due) => void (await deps.db.as<CoreDb>().transaction((trx) => purgeIdentity(trx, due))),
      },
      purgeFactors(deps.db, deps.settings.secondFactors),
      {
        name: 'tidy-webhooks',
        description: 'Deletes deliveries that have served, and sees to those that were left behind',
        cron: '47 * * * *',
        run: (due, signal) => tidyWebhooks(deps, due, signal),
      },
    ],
  }
}
