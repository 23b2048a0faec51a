import type { Row, WriteDb } from '@plinth/db'
import type { Actor } from '@plinth/kit'
import { permissionsOf, SUPER_ADMIN } from '../access/roles.ts'
import type { UsersTable } from '../accounts/tables.ts'
import type { CoreDb } from '../db.ts'

type User = Row<UsersTable>

/** The user with an id, deleted or not, held until the end of the transaction. */
export const holdUser = (db: WriteDb<CoreDb>, id: string): Promise<User | undefined> =>
  db.selectFrom('users').selectAll().where('id', '=', id).forNoKeyUpdate().executeTakeFirst()

const permissionsOfUser = async (db: WriteDb<CoreDb>, { role, grants }: User) => {
  const found = await db.selectFrom('roles').select('rights').where('name', '=', role).executeTakeFirst()
  if (!found) throw new Error(`there is no role ${role}`)
  return permissionsOf(role, found.rights, grants)
}

/**
 * Whether a caller may act on somebody: who may do all that the other may, and more. Equals leave each other alone; who
 * may do all may act on everybody.
 */
export const outranks = async (db: WriteDb<CoreDb>, actor: Actor, user: User): Promise<boolean> => {
  if (actor.role === SUPER_ADMIN) return true
  if (user.role === SUPER_ADMIN) return false
  const theirs = await permissionsOfUser(db, user)
  return theirs.size < actor.permissions.size && [...theirs].every((each) => actor.permissions.has(each))
}

/**
 * Whether nobody but this user could do all. It holds the role until the end of the transaction, so that of two who take
 * it from each other one is the last.
 */
export const isLastSuperAdmin = async (db: WriteDb<CoreDb>, user: User): Promise<boolean> => {
  if (user.role !== SUPER_ADMIN || user.state !== 'active' || user.deleted_at !== null) return false
  await db.selectFrom('roles').select('name').where('name', '=', SUPER_ADMIN).forUpdate().executeTakeFirst()
  const other = await db
    .selectFrom('users')
    .select('id')
    .where('role', '=', SUPER_ADMIN)
    .where('state', '=', 'active')
    .where('deleted_at', 'is', null)
    .where('id', '!=', user.id)
    .limit(1)
    .executeTakeFirst()
  return other === undefined
}
