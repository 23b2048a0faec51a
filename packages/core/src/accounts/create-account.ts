import type { PortalName } from '@plinth/contract'
import type { WriteDb } from '@plinth/db'
import { type Clock, type KitTables, newId } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import type { HashCost } from '../settings.ts'
import { createPasswords } from './passwords.ts'
import { NEW_USER, principalByEmail, searchText, userByEmail } from './queries.ts'

/** An account that is made by us, not by its holder. */
export interface NewAccount {
  readonly email: string
  readonly password: string
  readonly name: string
  /** One that the database has. */
  readonly role: string
  readonly verified: boolean
  /** Left out: a person. */
  readonly portal?: PortalName | null | undefined
}

/**
 * Makes an account of any role, for demo data and tests. An account with that email that is there already is left
 * as it is. Answers the id either way.
 */
export const createAccount = async (
  given: WriteDb<KitTables>,
  { password, verified, portal = null, ...account }: NewAccount,
  { clock, passwordHash }: { clock: Clock; passwordHash: HashCost },
): Promise<string> => {
  const db = given.$extendTables<Pick<CoreDb, keyof CoreDb>>()
  const now = clock.now()
  const email = account.email.toLowerCase()
  const before =
    portal === null
      ? await userByEmail.first(db, { email })
      : await principalByEmail.first(db, { email, portal })
  if (before) return before.id
  const id = newId('usr', now)
  const at = now.toISOString()
  await db
    .insertInto('users')
    .values({
      ...account,
      id,
      email,
      email_verified_at: verified ? at : null,
      ...NEW_USER,
      portal,
      folded_text: searchText({ email, name: account.name }),
      locale: 'en',
      time_zone: 'UTC',
      password_hash: await createPasswords(passwordHash).hash(password),
      created_at: at,
      updated_at: at,
      created_by: 'system',
      updated_by: 'system',
    })
    .execute()
  return id
}
