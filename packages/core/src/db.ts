import type { KitTables } from '@plinth/kit'
import type { EmailVerificationsTable, UsersTable } from './accounts/tables.ts'
import type { LoginsTable, RefreshTokensTable, SessionsTable } from './sessions/tables.ts'

/** The tables that this system works with. */
export interface CoreDb extends KitTables {
  users: UsersTable
  email_verifications: EmailVerificationsTable
  logins: LoginsTable
  sessions: SessionsTable
  refresh_tokens: RefreshTokensTable
}
