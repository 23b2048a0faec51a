import type { Database, Row } from '@plinth/db'
import { type Clock, type KitTables, newId } from '@plinth/kit'
import type { AdapterTables } from '../tables.ts'

/** What the mailbox works with. */
export interface MailboxDeps {
  readonly db: Database<KitTables>
  readonly clock: Clock
  /** How many messages are kept; left out: 1,000. */
  readonly keep?: number
}

// Messages are no record of the contract: they need the sortable part of an id, and no prefix.
const messageId = (now: Date): string => newId('evt', now).slice('evt_'.length)

/** Adds a message to the mailbox and deletes the oldest where there are too many. */
export const keepMessage = async (
  { db, clock, keep = 1000 }: MailboxDeps,
  message: Omit<Row<AdapterTables['mailbox']>, 'id' | 'sent_at'>,
): Promise<void> => {
  const now = clock.now()
  await db.as<AdapterTables>().transaction(async (trx) => {
    await trx
      .insertInto('mailbox')
      .values({ id: messageId(now), sent_at: now.toISOString(), ...message })
      .execute()
    const surplus = trx.selectFrom('mailbox').select('id').orderBy('id', 'desc').limit(1).offset(keep)
    await trx.deleteFrom('mailbox').where('id', '<=', surplus).execute()
  })
}
