import type { WriteDb } from '@plinth/db'
import { auditEffect, type KitTables } from '@plinth/kit'
import { heldUserByEmail } from '../accounts/queries.ts'
import type { CoreDb } from '../db.ts'

/** What became of giving somebody a role. */
export type GivenRole = 'given' | 'no-account' | 'no-role'

/**
 * Gives an account a role from the command line, as for the first one that may do all. Whoever is signed in has it with the
 * next request; with logins in Redis, with the next sign-in.
 */
export const giveRole = async (
  given: WriteDb<KitTables>,
  { email, role, now }: { email: string; role: string; now: Date },
): Promise<GivenRole> => {
  const db = given as WriteDb<CoreDb>
  const user = await heldUserByEmail.first(db, { email: email.toLowerCase() })
  if (!user) return 'no-account'
  const found = await db.selectFrom('roles').select('name').where('name', '=', role).executeTakeFirst()
  if (!found) return 'no-role'
  const changed = { role, updated_at: now.toISOString(), updated_by: 'system' }
  await db.updateTable('users').set(changed).where('id', '=', user.id).execute()
  await auditEffect(db, { action: 'core.users.setRole', target: user.id, cause: 'command-line', now })
  return 'given'
}
