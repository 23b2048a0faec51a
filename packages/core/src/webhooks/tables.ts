/** Who is told of events, and where. */
export interface WebhooksTable {
  id: string
  url: string
  description: string
  events: string[]
  /** Sealed by the vault, for the id of the row. */
  secret: string
  previous_secret: string | null
  previous_until: string | null
  disabled_at: string | null
  disabled_reason: 'by-hand' | 'gone' | 'failing' | null
  failing_since: string | null
  created_at: string
  updated_at: string
  created_by: string
  updated_by: string
}

/** One event on its way to one webhook. */
export interface WebhookDeliveriesTable {
  id: string
  webhook_id: string
  event_id: string
  event_type: string
  /** The body as it is signed: text, so that each attempt sends the same bytes. */
  payload: string
  state: 'pending' | 'delivered' | 'dead'
  attempts: number
  /** How many of the attempts after the first have been used up; those made by hand do not count. */
  retries: number
  next_attempt_at: string | null
  created_at: string
  finished_at: string | null
}

/** What came of each attempt. */
export interface WebhookAttemptsTable {
  delivery_id: string
  number: number
  at: string
  status: number | null
  duration_ms: number
  error: string | null
  answer: string | null
}
