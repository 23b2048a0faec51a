import type { PortalName } from '@plinth/contract'
import type { EndReason } from '@plinth/kit'

/** Logins. `expires_at` is that of the newest refresh token, and never later than `ends_at`. */
export interface LoginsTable {
  id: string
  user_id: string
  portal: PortalName | null
  address: string | null
  user_agent: string | null
  /** How it was made, such as `password`. */
  method: string
  device_id: string | null
  country: string | null
  created_at: string
  refreshed_at: string
  /** When its holder last proved who they are. */
  proven_at: string
  expires_at: string
  ends_at: string
  /** What it is limited to, joined by spaces; null: nothing. */
  scopes: string | null
  impersonated_by: string | null
  /** What was odd about it, joined by spaces. */
  suspicion: string | null
  ended_at: string | null
  end_reason: EndReason | null
}

/** Devices that somebody signed in from; `token_hash` is the SHA-256 of the token that it is recognised by. */
export interface DevicesTable {
  id: string
  user_id: string
  token_hash: string
  name: string
  platform: string | null
  created_at: string
  last_seen_at: string
  last_address: string | null
  last_country: string | null
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
