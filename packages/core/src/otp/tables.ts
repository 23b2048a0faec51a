import type { PortalName } from '@plinth/contract'

/** What a code is good for, and nothing else. */
export type OtpPurpose = 'reset-password'

/** Whom it is for: users and the principals of each portal are apart. */
export type Audience = 'user' | PortalName

/** Codes and links that prove an address or a number; also those that nobody was sent, for want of an account. */
export interface OneTimeCodesTable {
  id: string
  purpose: OtpPurpose
  audience: Audience
  /** Six digits, or a token in a link. */
  form: 'code' | 'link'
  channel: 'mail' | 'sms'
  /** A keyed hash of the address or number. */
  recipient: string
  /** The address or number itself, sealed for whoever sends. */
  sealed: string
  /** Null: there is no account, and nothing is sent. */
  user_id: string | null
  /** A keyed hash of the code, or the SHA-256 of the token; null until it is made. */
  secret: string | null
  attempts: number
  created_at: string
  expires_at: string
  ended_at: string | null
  end_reason: 'used' | 'replaced' | 'withdrawn' | null
}
