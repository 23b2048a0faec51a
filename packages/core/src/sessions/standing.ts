import { compiled, type Row, type WriteDb } from '@plinth/db'
import type { Standing } from '@plinth/kit'
import type { UsersTable } from '../accounts/tables.ts'
import type { CoreDb } from '../db.ts'

const rightsByName = compiled<CoreDb, { name: string }>()((db, p) =>
  db.selectFrom('roles').select('rights').where('name', '=', p('name')),
)

/** What a user may do now. */
export const standingOf = async (
  db: WriteDb<CoreDb>,
  { role, grants, email_verified_at: verifiedAt }: Row<UsersTable>,
): Promise<Standing> => {
  const found = await rightsByName.first(db, { name: role })
  if (!found) throw new Error(`there is no role ${role}`)
  return { role, rights: found.rights, grants, verified: verifiedAt !== null }
}

const REFUSALS = {
  active: null,
  pending: 'ACCOUNT_PENDING',
  disabled: 'ACCOUNT_DISABLED',
  banned: 'ACCOUNT_BANNED',
} as const

/** Why an account may not be signed in to; null where it may. */
export const refusalOfState = ({ state }: Row<UsersTable>) => REFUSALS[state]
