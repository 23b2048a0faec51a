/** Passkeys. Bytes are base64url. */
export interface PasskeysTable {
  id: string
  user_id: string
  credential_id: string
  /** In the form of COSE. */
  public_key: string
  /** What the authenticator counted at its last signature; 0 where it does not count. */
  counter: number
  name: string
  /** Joined by spaces. */
  transports: string | null
  aaguid: string
  /** Whether it may be copied to other devices, and whether it was. */
  synced: boolean
  backed_up: boolean
  created_at: string
  updated_at: string
  created_by: string
  updated_by: string
  last_used_at: string | null
  /** Since when it opens nothing, for it was found to be copied where none may be. */
  suspended_at: string | null
}

/** Challenges that wait to be signed. */
export interface PasskeyChallengesTable {
  /** SHA-256 of what the challenge is for, of the login and of the challenge itself. */
  hash: string
  purpose: 'register' | 'sign-in' | 'prove'
  /** The login that asked; null where somebody signs in. */
  login_id: string | null
  created_at: string
  expires_at: string
}
