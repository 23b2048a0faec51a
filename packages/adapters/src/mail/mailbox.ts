import type { Row } from '@plinth/db'
import type { Mail, Mailer } from '@plinth/kit'
import type { AdapterTables } from '../tables.ts'
import { keepMessage, type MailboxDeps } from './keep-message.ts'
import { asLetter } from './letter.ts'

/** A message that was handed over; ids sort by age. The subject of a short message is empty. */
export interface StoredMail extends Mail {
  readonly id: string
  readonly channel: 'mail' | 'sms'
  readonly sentAt: string
}

/** Which messages to list, newest first. */
interface MailboxOptions {
  /** At most so many; left out: 50. */
  readonly limit?: number
  /** Only those to this address or number. */
  readonly to?: string
  /** Only those older than the message with this id, for the next page. */
  readonly before?: string
}

/** A mailer that keeps mails in place of sending them, so that they can be read, beside short messages. */
export interface Mailbox extends Mailer {
  list(options?: MailboxOptions): Promise<StoredMail[]>
  get(id: string): Promise<StoredMail | null>
}

const toMail = (row: Row<AdapterTables['mailbox']>): StoredMail => ({
  id: row.id,
  channel: row.channel,
  to: row.recipient,
  subject: row.subject,
  text: row.text,
  ...(row.html === null ? {} : { html: row.html }),
  sentAt: row.sent_at,
})

/** Keeps the newest messages in the table `mailbox`; older ones are deleted as new ones come. */
export const createMailbox = (deps: MailboxDeps): Mailbox => {
  const db = deps.db.as<AdapterTables>()
  return {
    async send(mail) {
      const { to, subject, text, html } = asLetter(mail)
      await keepMessage(deps, { channel: 'mail', recipient: to, subject, text, html: html ?? null })
    },
    async list({ limit = 50, to, before } = {}) {
      let query = db.read.selectFrom('mailbox').selectAll().orderBy('id', 'desc').limit(limit)
      if (to !== undefined) query = query.where('recipient', '=', to)
      if (before !== undefined) query = query.where('id', '<', before)
      return (await query.execute()).map(toMail)
    },
    async get(id) {
      const row = await db.read.selectFrom('mailbox').selectAll().where('id', '=', id).executeTakeFirst()
      return row ? toMail(row) : null
    },
  }
}
