import type { PortalName } from '@plinth/contract'
import type { EndReason } from '@plinth/kit'

/** Logins. `expires_at` is that of the newest refresh token. */
export interface LoginsTable {
  id: string
  user_id: string
  portal: PortalName | null
  address: string | null
  user_agent: string | null
  created_at: string
  refreshed_at: string
  expires_at: string
  ended_at: string | null
  end_reason: EndReason | null
}

/** Access tokens; `id` is the SHA-256 of the token. Each ends with its login, and earlier when it is refreshed. */
export interface SessionsTable {
  id: string
  user_id: string
  login_id: string
  created_at: string
  expires_at: string
  ended_at: string | null
}

/** Refresh tokens; `hash` is the SHA-256 of the token. */
export interface RefreshTokensTable {
  hash: string
  user_id: string
  login_id: string
  created_at: string
  expires_at: string
  used_at: string | null
}
