import type { KitTables } from '@plinth/kit'
import type { RolesTable } from './access/tables.ts'
import type { EmailVerificationsTable, UsersTable } from './accounts/tables.ts'
import type { ApiKeyNoncesTable, ApiKeySecretsTable, ApiKeysTable } from './api-keys/tables.ts'
import type { BackupsTable } from './backups/tables.ts'
import type { FailuresTable } from './failures/tables.ts'
import type { GuardTables } from './guard/tables.ts'
import type { IdentitiesTable, ProviderFlowsTable } from './identities/tables.ts'
import type { OneTimeCodesTable } from './otp/tables.ts'
import type { PasskeyChallengesTable, PasskeysTable } from './passkeys/tables.ts'
import type { PortalInvitationsTable, PortalProfilesTable } from './portals/tables.ts'
import type { RecoveryCodesTable, TotpFactorsTable } from './second-factors/tables.ts'
import type { DevicesTable, LoginsTable, RefreshTokensTable, SessionsTable } from './sessions/tables.ts'
import type { ThrottlesTable } from './throttles/tables.ts'
import type { WebhookAttemptsTable, WebhookDeliveriesTable, WebhooksTable } from './webhooks/tables.ts'

/** The tables that this system works with. */
export interface CoreDb extends KitTables, GuardTables {
  users: UsersTable
  roles: RolesTable
  portal_profiles: PortalProfilesTable
  portal_invitations: PortalInvitationsTable
  devices: DevicesTable
  api_keys: ApiKeysTable
  api_key_secrets: ApiKeySecretsTable
  api_key_nonces: ApiKeyNoncesTable
  backups: BackupsTable
  failures: FailuresTable
  email_verifications: EmailVerificationsTable
  logins: LoginsTable
  sessions: SessionsTable
  refresh_tokens: RefreshTokensTable
  identities: IdentitiesTable
  provider_flows: ProviderFlowsTable
  throttles: ThrottlesTable
  one_time_codes: OneTimeCodesTable
  totp_factors: TotpFactorsTable
  recovery_codes: RecoveryCodesTable
  passkeys: PasskeysTable
  passkey_challenges: PasskeyChallengesTable
  webhooks: WebhooksTable
  webhook_deliveries: WebhookDeliveriesTable
  webhook_attempts: WebhookAttemptsTable
}
