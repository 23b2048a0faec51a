import { accounts } from './accounts.ts'
import { auditEntries } from './audit-entries.ts'
import { logLevels } from './log-levels.ts'
import { sessions } from './sessions.ts'
import { statements } from './statements.ts'

/** What every system shares: identity, the audit log, and a look inside the running server. */
export const core = { accounts, auditEntries, logLevels, sessions, statements }
