import type { User } from '@plinth/contract'
import {
  dialectOf,
  keyset,
  type Page,
  pageOf,
  type ReadDb,
  type Row,
  type SortField,
  searchWords,
} from '@plinth/db'
import { wordsOf } from '../access/roles.ts'
import { toAccount } from '../accounts/queries.ts'
import type { UsersTable } from '../accounts/tables.ts'
import type { CoreDb } from '../db.ts'

const NEWEST_FIRST: readonly SortField[] = [
  { column: 'created_at', direction: 'desc' },
  { column: 'id', direction: 'desc' },
]

/** An account as administrators see it. */
export const toUser = (row: Row<UsersTable>): User => ({
  ...toAccount(row),
  portal: row.portal,
  state: row.state,
  stateReason: row.state_reason,
  stateAt: row.state_at,
  grants: wordsOf(row.grants),
  deletedAt: row.deleted_at,
})

interface UserFilter {
  readonly role?: string | undefined
  readonly state?: UsersTable['state'] | undefined
  readonly portal?: 'organizer' | 'merchant' | 'none' | undefined
  readonly q?: string | undefined
}

/** A page of accounts, newest first. */
export const listUsers = async (
  db: ReadDb<CoreDb>,
  { role, state, portal, q }: UserFilter,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<Row<UsersTable>>> => {
  let query = db.selectFrom('users').selectAll().where('deleted_at', 'is', null)
  if (role !== undefined) query = query.where('role', '=', role)
  if (state !== undefined) query = query.where('state', '=', state)
  if (portal === 'none') query = query.where('portal', 'is', null)
  else if (portal !== undefined) query = query.where('portal', '=', portal)
  if (q !== undefined) query = query.where(dialectOf(db).matches('users', searchWords(q)))
  const rows = await keyset(query, NEWEST_FIRST, cursor)
    .limit(limit + 1)
    .execute()
  return pageOf(rows, limit, NEWEST_FIRST)
}

/** A page of accounts that were deleted, newest first. */
export const listDeletedUsers = async (
  db: ReadDb<CoreDb>,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<Row<UsersTable>>> => {
  const query = db.selectFrom('users').selectAll().where('deleted_at', 'is not', null)
  const rows = await keyset(query, NEWEST_FIRST, cursor)
    .limit(limit + 1)
    .execute()
  return pageOf(rows, limit, NEWEST_FIRST)
}
