import type { Row, WriteDb } from '@plinth/db'
import type { Actor } from '@plinth/kit'
import type { UsersTable } from '../accounts/tables.ts'
import type { CoreDb } from '../db.ts'
import { holdUser, outranks } from './guards.ts'

interface Call {
  readonly db: WriteDb<CoreDb>
  readonly actor: Actor
}
type Refuse = (code: 'NOT_FOUND' | 'OUTRANKED', more?: { commit: true }) => never

/** Somebody on whom the caller may act, held until the end of the transaction. */
export const reach = async ({ db, actor }: Call, id: string, refuse: Refuse): Promise<Row<UsersTable>> => {
  const user = await holdUser(db, id)
  if (!user || user.deleted_at !== null) return refuse('NOT_FOUND')
  return (await outranks(db, actor, user)) ? user : refuse('OUTRANKED', { commit: true })
}
