import type { KitTables } from '@plinth/kit'

/** Jobs that wait, run, or ended not long ago. */
interface JobsTable {
  id: string
  name: string
  payload: unknown
  key: string | null
  state: 'ready' | 'running' | 'done' | 'dead'
  run_at: string
  /** How often it was begun since it was added or redriven. */
  attempts: number
  /** How often it was begun before it was redriven; with `attempts` it numbers an attempt as no other one of the job. */
  earlier_attempts: number
  max_attempts: number
  /** Until when its worker holds it; a worker that is gone loses it then. */
  locked_until: string | null
  last_error: string | null
  created_at: string
  finished_at: string | null
  /** The span that added it, where that was traced. */
  traceparent: string | null
}

/** Mails and short messages as they were handed over; what a mail has more than those is empty or null there. */
interface MailboxTable {
  id: string
  channel: 'mail' | 'sms'
  recipient: string
  subject: string
  text: string
  html: string | null
  sent_at: string
}

/** Tables of the embedded adapters, beside those of the kit. */
export interface AdapterTables extends KitTables {
  jobs: JobsTable
  mailbox: MailboxTable
}
