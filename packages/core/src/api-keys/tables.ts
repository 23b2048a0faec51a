/** API keys. One that is revoked stays for a while, so that it is told so. */
export interface ApiKeysTable {
  id: string
  user_id: string
  name: string
  /** What it is limited to, joined by spaces. */
  scopes: string
  signed: boolean
  per_minute: number
  burst: number
  expires_at: string
  revoked_at: string | null
  /** To the minute: it is not written with each request. */
  last_used_at: string | null
  last_address: string | null
  created_at: string
  updated_at: string
  created_by: string
  updated_by: string
}

/** Secrets of API keys: the present one, whose end is null, and those before it. */
export interface ApiKeySecretsTable {
  /** SHA-256 of the secret. */
  hash: string
  key_id: string
  /** The secret as the vault sealed it for its key, where requests are signed with it; else null. */
  sealed: string | null
  created_at: string
  /** Until when it is accepted, once a newer one took its place. */
  ends_at: string | null
}

/** Nonces of signed requests, until their signature is too old anyway. */
export interface ApiKeyNoncesTable {
  key_id: string
  nonce: string
  expires_at: string
}
