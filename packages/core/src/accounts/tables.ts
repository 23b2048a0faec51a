import type { Role } from '../access/roles.ts'

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
  role: Role
  /** Argon2id in the PHC format, which carries its own parameters. */
  password_hash: string
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
  created_at: string
  expires_at: string
  /** When it was used, or a newer one took its place. */
  used_at: string | null
}
