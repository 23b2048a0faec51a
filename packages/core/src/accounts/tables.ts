import type { PortalName } from '@plinth/contract'

/** Whether an account may be used: `pending` waits to be approved. */
export type AccountState = 'active' | 'pending' | 'disabled' | 'banned'

/** Accounts. */
export interface UsersTable {
  id: string
  /** In lower case, as the contract makes it. */
  email: string
  email_verified_at: string | null
  name: string
  phone: string | null
  locale: string
  time_zone: string
  phone_verified_at: string | null
  role: string
  /** Permissions beside those of the role, joined by spaces. */
  grants: string | null
  /** Of whom it is: null is a person, else the principal of a portal. */
  portal: PortalName | null
  state: AccountState
  /** Why it is in that state, in the words of who decided it. */
  state_reason: string | null
  state_at: string | null
  /** Argon2id in the PHC format, which carries its own parameters; null for who signs in otherwise. */
  password_hash: string | null
  deleted_at: string | null
  /** Words of name and email address as `foldText` writes them: what the account is found by. */
  folded_text: string
  /** An address that takes the place of `email` once it is confirmed. */
  pending_email: string | null
  created_at: string
  updated_at: string
  created_by: string
  updated_by: string
}

/** Tokens that prove an email address; `email` is the address that the token was mailed to. */
export interface EmailVerificationsTable {
  hash: string
  user_id: string
  email: string
  /** `change`: it is to take the place of the address so far. */
  purpose: 'verify' | 'change'
  created_at: string
  expires_at: string
  /** When it was used, or a newer one took its place. */
  used_at: string | null
}
