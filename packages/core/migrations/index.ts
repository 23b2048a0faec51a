import type { Migrations } from '@plinth/db'
import { createUsers } from './20261121T0200_create_users.ts'
import { createLogins } from './20261121T0201_create_logins.ts'
import { createSessions } from './20261121T0202_create_sessions.ts'
import { createRefreshTokens } from './20261121T0203_create_refresh_tokens.ts'
import { createEmailVerifications } from './20261121T0204_create_email_verifications.ts'
import { createBackups } from './20261121T1800_create_backups.ts'
import { createFailures } from './20261121T1801_create_failures.ts'
import { createWebhooks } from './20261121T3700_create_webhooks.ts'
import { createWebhookDeliveries } from './20261121T3701_create_webhook_deliveries.ts'
import { createRoles } from './20261121T4001_create_roles.ts'
import { growUsers } from './20261121T4002_grow_users.ts'
import { createDevices } from './20261121T4003_create_devices.ts'
import { growLogins } from './20261121T4004_grow_logins.ts'
import { createThrottles } from './20261121T4005_create_throttles.ts'
import { findUsers } from './20261121T4006_find_users.ts'
import { changeEmails } from './20261121T4007_change_emails.ts'
import { createBans } from './20261121T5000_create_bans.ts'
import { createAddressRules } from './20261121T5001_create_address_rules.ts'
import { createReputations } from './20261121T5002_create_reputations.ts'
import { createThreatLists } from './20261121T5003_create_threat_lists.ts'
import { createRequests } from './20261121T5004_create_requests.ts'
import { createApiKeys } from './20261121T5100_create_api_keys.ts'
import { createApiKeyNonces } from './20261121T5101_create_api_key_nonces.ts'
import { createOneTimeCodes } from './20261121T5201_create_one_time_codes.ts'
import { createSecondFactors } from './20261121T5300_create_second_factors.ts'
import { createPasskeys } from './20261121T5301_create_passkeys.ts'
import { createIdentities } from './20261121T5400_create_identities.ts'
import { createProviderFlows } from './20261121T5401_create_provider_flows.ts'
import { createPortals } from './20261121T5500_create_portals.ts'

/** The tables of this system, in the order they were added. */
export const coreMigrations: Migrations = {
  '20261121T0200_create_users': createUsers,
  '20261121T0201_create_logins': createLogins,
  '20261121T0202_create_sessions': createSessions,
  '20261121T0203_create_refresh_tokens': createRefreshTokens,
  '20261121T0204_create_email_verifications': createEmailVerifications,
  '20261121T1800_create_backups': createBackups,
  '20261121T1801_create_failures': createFailures,
  '20261121T3700_create_webhooks': createWebhooks,
  '20261121T3701_create_webhook_deliveries': createWebhookDeliveries,
  '20261121T4001_create_roles': createRoles,
  '20261121T4002_grow_users': growUsers,
  '20261121T4003_create_devices': createDevices,
  '20261121T4004_grow_logins': growLogins,
  '20261121T4005_create_throttles': createThrottles,
  '20261121T4006_find_users': findUsers,
  '20261121T4007_change_emails': changeEmails,
  '20261121T5201_create_one_time_codes': createOneTimeCodes,
  '20261121T5300_create_second_factors': createSecondFactors,
  '20261121T5301_create_passkeys': createPasskeys,
  '20261121T5100_create_api_keys': createApiKeys,
  '20261121T5101_create_api_key_nonces': createApiKeyNonces,
  '20261121T5400_create_identities': createIdentities,
  '20261121T5401_create_provider_flows': createProviderFlows,
  '20261121T5500_create_portals': createPortals,
  '20261121T5000_create_bans': createBans,
  '20261121T5001_create_address_rules': createAddressRules,
  '20261121T5002_create_reputations': createReputations,
  '20261121T5003_create_threat_lists': createThreatLists,
  '20261121T5004_create_requests': createRequests,
}
