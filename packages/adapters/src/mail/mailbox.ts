import type { Database, Row } from '@plinth/db'
import { type Clock, type KitTables, type Mail, type Mailer, newId } from '@plinth/kit'
import type { AdapterTables } from '../tables.ts'
import { asLetter } from './letter.ts'

interface MailboxDeps {
  readonly db: Database<KitTables>
  readonly clock: Clock
  /** How many mails are kept; left out: 1,000. */
  readonly keep?: number
}

/** A mail that was handed over; ids sort by age. */
export interface StoredMail extends Mail {
  readonly id: string
  readonly sentAt: string
}

/** Which mails to list, newest first. */
interface MailboxOptions {
  /** At most so many; left out: 50. */
  readonly limit?: number
  /** Only those to this address. */
  readonly to?: string
  /** Only those older than the mail with this id, for the next page. */
  readonly before?: string
}

/** A mailer that keeps mails in place of sending them, so that they can be read. */
export interface Mailbox extends Mailer {
  list(options?: MailboxOptions): Promise<StoredMail[]>
  get(id: string): Promise<StoredMail | null>
}

const toMail = ({
  id,
  recipient,
  subject,
  text,
  html,
  sent_at,
}: Row<AdapterTables['mailbox']>): StoredMail => ({
  id,
  to: recipient,
  subject,
  text,
  ...(html === null ? {} : { html }),
  sentAt: sent_at,
})

// Mails are no record of the contract: they need the sortable part of an id, and no prefix.
const mailId = (now: Date): string => newId('evt', now).slice('evt_'.length)

/** Keeps the newest mails in the table `mailbox`; older ones are deleted as new ones come. */
export const createMailbox = ({ db: given, clock, keep = 1000 }: MailboxDeps): Mailbox => {
  const db = given.as<AdapterTables>()
  return {
    async send(mail) {
      const { to, subject, text, html } = asLetter(mail)
      const now = clock.now()
      const values = { recipient: to, subject, text, html: html ?? null, sent_at: now.toISOString() }
      await db.transaction(async (trx) => {
        await trx
          .insertInto('mailbox')
          .values({ id: mailId(now), ...values })
          .execute()
        const surplus = trx.selectFrom('mailbox').select('id').orderBy('id', 'desc').limit(1).offset(keep)
        await trx.deleteFrom('mailbox').where('id', '<=', surplus).execute()
      })
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
