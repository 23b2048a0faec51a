import type { ProviderName } from '@plinth/contract'

/** Accounts at providers; `subject` is what the provider knows one by, for ever. */
export interface IdentitiesTable {
  id: string
  user_id: string
  provider: ProviderName
  subject: string
  email: string | null
  created_at: string
  last_used_at: string | null
}

/** What a sign-in at a provider is for. */
type FlowPurpose = 'sign-in' | 'link'

/** Sign-ins at providers on their way. Of `state` and of the browser's own secret only hashes are stored. */
export interface ProviderFlowsTable {
  state_hash: string
  flow_hash: string
  provider: ProviderName
  purpose: FlowPurpose
  /** Whose account is linked; null where somebody signs in. */
  user_id: string | null
  /** PKCE verifier and nonce, sealed by the vault for the state's hash. */
  proof: string
  redirect_url: string
  return_to: string | null
  created_at: string
  expires_at: string
  /** When the callback came: from then on its code is of no use. */
  claimed_at: string | null
  /** Who the code stood for, sealed; kept where something is missing still, such as an address. */
  identified: string | null
}
