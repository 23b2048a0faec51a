import { accounts } from './accounts.ts'
import { auditEntries } from './audit-entries.ts'
import { sessions } from './sessions.ts'

/** What every system shares: identity and the audit log. */
export const core = { accounts, auditEntries, sessions }
