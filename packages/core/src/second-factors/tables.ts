/** The authenticator app of an account. */
export interface TotpFactorsTable {
  user_id: string
  /** Sealed by the vault; in clear it was answered once. */
  secret: string
  created_at: string
  /** Null: it was not confirmed by a code yet, and is not asked for. */
  confirmed_at: string | null
  /** The last step of 30 seconds whose code was used; that one and those before are spent. */
  last_step: number | null
}

/** Codes for when the app is lost, as SHA-256. */
export interface RecoveryCodesTable {
  user_id: string
  hash: string
  created_at: string
  used_at: string | null
}
