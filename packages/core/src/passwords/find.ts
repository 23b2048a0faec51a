import type { PortalName } from '@plinth/contract'
import type { Row, WriteDb } from '@plinth/db'
import type { UsersTable } from '../accounts/tables.ts'
import type { CoreDb } from '../db.ts'
import type { Recipient } from '../otp/recipient.ts'

const live = (db: WriteDb<CoreDb>, portal: PortalName | null) =>
  db
    .selectFrom('users')
    .where('portal', portal === null ? 'is' : '=', portal)
    .where('deleted_at', 'is', null)

/**
 * Whose account an address or number belongs to. A number counts where it was proved; where it was by several, it is of
 * whoever proved it last, as numbers are given to others.
 */
export const findReached = (
  db: WriteDb<CoreDb>,
  { channel, address }: Recipient,
  portal: PortalName | null,
): Promise<{ id: string } | undefined> => {
  const users = live(db, portal).select('id')
  return channel === 'mail'
    ? users.where('email', '=', address).executeTakeFirst()
    : users
        .where('phone', '=', address)
        .where('phone_verified_at', 'is not', null)
        .orderBy('phone_verified_at', 'desc')
        .limit(1)
        .executeTakeFirst()
}

/** An account, held until the end of the transaction: logins of it wait, and see the new password. */
export const holdUser = (
  db: WriteDb<CoreDb>,
  id: string,
  portal: PortalName | null,
): Promise<Row<UsersTable> | undefined> =>
  live(db, portal).selectAll().where('id', '=', id).forNoKeyUpdate().executeTakeFirst()
