import type { Identity, ProviderName } from '@plinth/contract'
import type { Database, Row, WriteDb } from '@plinth/db'
import type { KitTables, ProvenIdentity } from '@plinth/kit'
import type { UsersTable } from '../accounts/tables.ts'
import type { CoreDb } from '../db.ts'
import { holdUser } from '../users/guards.ts'
import type { IdentitiesTable } from './tables.ts'

type Owner = { readonly identity: Row<IdentitiesTable>; readonly user: Row<UsersTable> }

/** An identity as it is answered. */
export const toIdentity = (row: Row<IdentitiesTable>): Identity => ({
  id: row.id,
  provider: row.provider,
  email: row.email,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
})

/** Lets those who bring the same identity at the same time come one after the other. */
export const lockIdentity = (
  { dialect }: Database<KitTables>,
  db: WriteDb<CoreDb>,
  provider: ProviderName,
  { subject }: ProvenIdentity,
): Promise<void> => dialect.lock(db, `identity ${provider} ${subject}`)

const withSubject = (db: WriteDb<CoreDb>, provider: ProviderName, subject: string) =>
  db
    .selectFrom('identities')
    .selectAll()
    .where('provider', '=', provider)
    .where('subject', '=', subject)
    .executeTakeFirst()

/**
 * Whose an identity is, with that account held; null where it is nobody's. An account that was deleted gives up its
 * identities to whoever brings them.
 */
export const ownerOf = async (
  db: WriteDb<CoreDb>,
  provider: ProviderName,
  { subject }: ProvenIdentity,
): Promise<Owner | null> => {
  const found = await withSubject(db, provider, subject)
  const user = found && (await holdUser(db, found.user_id))
  // It may have been unlinked before the account was held.
  const identity = user && (await withSubject(db, provider, subject))
  if (!identity) return null
  if (user.deleted_at === null) return { identity, user }
  await db.deleteFrom('identities').where('id', '=', identity.id).execute()
  return null
}

interface Adding {
  readonly db: WriteDb<CoreDb>
  readonly now: Date
  newId(prefix: 'idn'): string
}

/** Links an identity that is nobody's to an account. */
export const addIdentity = (
  ctx: Adding,
  userId: string,
  provider: ProviderName,
  { subject, email }: ProvenIdentity,
  lastUsedAt: string | null,
): Promise<Row<IdentitiesTable>> =>
  ctx.db
    .insertInto('identities')
    .values({
      id: ctx.newId('idn'),
      user_id: userId,
      provider,
      subject,
      email,
      created_at: ctx.now.toISOString(),
      last_used_at: lastUsedAt,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
