import type { contract } from '@plinth/contract'
import type { System } from '@plinth/kit'
import { coreMigrations } from '../migrations/index.ts'
import { accounts } from './accounts/handlers.ts'
import { createPasswords } from './accounts/passwords.ts'
import { verificationMails } from './accounts/verification.ts'
import { auditEntries } from './audit-entries/handlers.ts'
import type { CoreDb } from './db.ts'
import { logLevels } from './log-levels/handlers.ts'
import { purgeIdentity } from './purge.ts'
import { sessions } from './sessions/handlers.ts'
import type { CoreDeps } from './settings.ts'
import { statements } from './statements/handlers.ts'

export { coreMigrations } from '../migrations/index.ts'
export { type Role, roles } from './access/roles.ts'
export { createAccount, type NewAccount } from './accounts/create-account.ts'
export type { CoreDb } from './db.ts'
export { createAuthenticator } from './sessions/authenticator.ts'
export type { CoreDeps, CoreSettings } from './settings.ts'

/** What every system shares: identity and the audit log. */
export const core = (deps: CoreDeps): System<typeof contract.core> => {
  const passwords = createPasswords(deps.settings.passwordHash)
  return {
    implementations: {
      accounts: accounts(passwords),
      auditEntries,
      logLevels: logLevels(deps.log),
      sessions: sessions(passwords, deps.settings),
      statements: statements(deps.db),
    },
    migrations: coreMigrations,
    subscribers: verificationMails(deps),
    purge: (now) => deps.db.as<CoreDb>().transaction((trx) => purgeIdentity(trx, now)),
  }
}
