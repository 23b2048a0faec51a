import type { KitTables } from '@plinth/kit'
import type { EmailVerificationsTable, UsersTable } from './accounts/tables.ts'
import type { BackupsTable } from './backups/tables.ts'
import type { FailuresTable } from './failures/tables.ts'
import type { GuardTables } from './guard/tables.ts'
import type { LoginsTable, RefreshTokensTable, SessionsTable } from './sessions/tables.ts'
import type { WebhookAttemptsTable, WebhookDeliveriesTable, WebhooksTable } from './webhooks/tables.ts'

/** The tables that this system works with. */
export interface CoreDb extends KitTables, GuardTables {
  users: UsersTable
  backups: BackupsTable
  failures: FailuresTable
  email_verifications: EmailVerificationsTable
  logins: LoginsTable
  sessions: SessionsTable
  refresh_tokens: RefreshTokensTable
  webhooks: WebhooksTable
  webhook_deliveries: WebhookDeliveriesTable
  webhook_attempts: WebhookAttemptsTable
}
