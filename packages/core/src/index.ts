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
import { purgeIdentity } from './purge.ts'
import { schedules } from './schedules/handlers.ts'
import { sessions } from './sessions/handlers.ts'
import type { CoreDeps } from './settings.ts'
import { statements } from './statements/handlers.ts'

export { coreMigrations } from '../migrations/index.ts'
export { type Role, roles } from './access/roles.ts'
export { createAccount, type NewAccount } from './accounts/create-account.ts'
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
  return {
    implementations: {
      accounts: accounts(passwords, logins),
      auditEntries,
      failures,
      jobs: jobs(deps.jobs),
      logLevels: logLevels(deps.log),
      schedules: schedules(deps.schedules),
      sessions: sessions({ passwords, logins, settings: deps.settings }),
      statements: statements(deps.db),
    },
    migrations: coreMigrations,
    invariants: coreInvariants,
    subscribers: verificationMails(deps),
    tasks: [
      {
        name: 'purge-identity',
        description: 'Deletes tokens and logins that expired a week ago',
        cron: '27 * * * *',
        run: async (due) => void (await deps.db.as<CoreDb>().transaction((trx) => purgeIdentity(trx, due))),
      },
    ],
  }
}
