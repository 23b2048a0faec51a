import type { PortalName } from '@plinth/contract'

/** What the principal of a portal has beside the account. */
export interface PortalProfilesTable {
  user_id: string
  organization: string
  /** Where the image is kept. */
  image_key: string | null
  image_type: string | null
  created_at: string
  updated_at: string
  created_by: string
  updated_by: string
}

/** Invitations to a portal; `hash` is the SHA-256 of the token, which is made when the mail is sent. */
export interface PortalInvitationsTable {
  id: string
  portal: PortalName
  email: string
  hash: string | null
  created_at: string
  created_by: string
  expires_at: string
  used_at: string | null
}
