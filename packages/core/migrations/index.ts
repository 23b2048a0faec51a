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
import { createBans } from './20261121T5000_create_bans.ts'
import { createAddressRules } from './20261121T5001_create_address_rules.ts'
import { createReputations } from './20261121T5002_create_reputations.ts'
import { createThreatLists } from './20261121T5003_create_threat_lists.ts'
import { createRequests } from './20261121T5004_create_requests.ts'

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
  '20261121T5000_create_bans': createBans,
  '20261121T5001_create_address_rules': createAddressRules,
  '20261121T5002_create_reputations': createReputations,
  '20261121T5003_create_threat_lists': createThreatLists,
  '20261121T5004_create_requests': createRequests,
}
