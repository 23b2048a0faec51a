import { accounts } from './accounts.ts'
import { auditEntries } from './audit-entries.ts'
import { logLevels } from './log-levels.ts'
import { sessions } from './sessions.ts'
import { statements } from './statements.ts'

// Modules are named in the type, so that the published declarations keep their documentation.
/** What every system shares: identity, the audit log, and a look inside the running server. */
export const core: {
  readonly accounts: typeof accounts
  readonly auditEntries: typeof auditEntries
  readonly logLevels: typeof logLevels
  readonly sessions: typeof sessions
  readonly statements: typeof statements
} = { accounts, auditEntries, logLevels, sessions, statements }
