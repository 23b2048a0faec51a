import { compiled, type Database, keyset, pageOf, type Row, type SortField, type WriteDb } from '@plinth/db'
import type { KitTables, LoginRecord, LoginStore, WhichLogins } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import type { LoginsTable } from './tables.ts'

const NEWEST_FIRST: readonly SortField[] = [
  { column: 'created_at', direction: 'desc' },
  { column: 'id', direction: 'desc' },
]

/** A session with its login and its user, found by the hash of its token. */
const sessionByHash = compiled<CoreDb, { id: string }>()((db, p) =>
  db
    .selectFrom('sessions')
    .innerJoin('logins', 'logins.id', 'sessions.login_id')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .innerJoin('roles', 'roles.name', 'users.role')
    .select(['sessions.user_id', 'sessions.login_id', 'sessions.expires_at', 'sessions.ended_at'])
    .select(['logins.ended_at as login_ended_at', 'logins.portal', 'logins.proven_at', 'logins.scopes'])
    .select([
      'logins.impersonated_by',
      'users.role',
      'users.grants',
      'users.email_verified_at',
      'roles.rights',
    ])
    .where('sessions.id', '=', p('id')),
)

const tablesOf = (trx: WriteDb<KitTables>) => trx as WriteDb<CoreDb>

const toRecord = (row: Row<LoginsTable>): LoginRecord => ({
  id: row.id,
  userId: row.user_id,
  portal: row.portal,
  address: row.address,
  userAgent: row.user_agent,
  method: row.method,
  deviceId: row.device_id,
  country: row.country,
  createdAt: row.created_at,
  refreshedAt: row.refreshed_at,
  provenAt: row.proven_at,
  expiresAt: row.expires_at,
  endsAt: row.ends_at,
  scopes: row.scopes,
  impersonatedBy: row.impersonated_by,
  suspicion: row.suspicion,
})

const start: LoginStore['start'] = async (trx, login) => {
  const { id, portal, address, method, country, scopes, suspicion } = login
  await tablesOf(trx)
    .insertInto('logins')
    .values({
      id,
      portal,
      address,
      method,
      country,
      scopes,
      suspicion,
      user_id: login.userId,
      user_agent: login.userAgent,
      device_id: login.deviceId,
      created_at: login.createdAt,
      refreshed_at: login.refreshedAt,
      proven_at: login.provenAt,
      expires_at: login.expiresAt,
      ends_at: login.endsAt,
      impersonated_by: login.impersonatedBy,
      ended_at: null,
      end_reason: null,
    })
    .execute()
}

const addTokens: LoginStore['addTokens'] = async (trx, { loginId, userId, access, refresh }, now) => {
  const common = { user_id: userId, login_id: loginId, created_at: now.toISOString() }
  await tablesOf(trx)
    .insertInto('sessions')
    .values({ id: access.hash, ...common, expires_at: access.expiresAt, ended_at: null })
    .execute()
  await tablesOf(trx)
    .insertInto('refresh_tokens')
    .values({ hash: refresh.hash, ...common, expires_at: refresh.expiresAt, used_at: null })
    .execute()
}

const findRefresh: LoginStore['findRefresh'] = async (trx, hash) => {
  const row = await tablesOf(trx)
    .selectFrom('refresh_tokens')
    .innerJoin('logins', 'logins.id', 'refresh_tokens.login_id')
    .select(['refresh_tokens.user_id as userId', 'refresh_tokens.login_id as loginId'])
    .select(['refresh_tokens.expires_at as expiresAt', 'used_at', 'logins.ended_at', 'logins.portal'])
    .select(['logins.ends_at as endsAt', 'logins.scopes', 'logins.impersonated_by as impersonatedBy'])
    .where('refresh_tokens.hash', '=', hash)
    .executeTakeFirst()
  if (!row) return undefined
  const { used_at: usedAt, ended_at: endedAt, ...found } = row
  return { ...found, used: usedAt !== null, ended: endedAt !== null }
}

const spend: LoginStore['spend'] = async (trx, hash, now) => {
  const spent = await tablesOf(trx)
    .updateTable('refresh_tokens')
    .set({ used_at: now.toISOString() })
    .where('hash', '=', hash)
    .where('used_at', 'is', null)
    .executeTakeFirst()
  return spent.numUpdatedRows === 1n
}

const renew: LoginStore['renew'] = async (trx, { id, expiresAt }, now) => {
  const at = now.toISOString()
  const renewed = await tablesOf(trx)
    .updateTable('logins')
    .set({ refreshed_at: at, expires_at: expiresAt })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  await tablesOf(trx)
    .updateTable('sessions')
    .set({ ended_at: at })
    .where('login_id', '=', id)
    .where('ended_at', 'is', null)
    .execute()
  return renewed.numUpdatedRows === 1n
}

// Tokens look at their login, so this one row is all there is to write.
const end = async (
  trx: WriteDb<KitTables>,
  which: WhichLogins,
  reason: LoginsTable['end_reason'],
  now: Date,
): Promise<number> => {
  const at = now.toISOString()
  const ended = await tablesOf(trx)
    .updateTable('logins')
    .set({ ended_at: at, end_reason: reason })
    .where('user_id', '=', which.userId)
    .where('id', 'only' in which ? '=' : '!=', 'only' in which ? which.only : (which.except ?? ''))
    .where('ended_at', 'is', null)
    .where('expires_at', '>', at)
    .executeTakeFirst()
  return Number(ended.numUpdatedRows)
}

const MOST_BEYOND = 100

const beyond: LoginStore['beyond'] = async (trx, userId, keep, now) => {
  const rows = await tablesOf(trx)
    .selectFrom('logins')
    .select('id')
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now.toISOString())
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(MOST_BEYOND)
    .offset(keep)
    .execute()
  return rows.map(({ id }) => id)
}

const prove: LoginStore['prove'] = async (trx, loginId, now) => {
  await tablesOf(trx)
    .updateTable('logins')
    .set({ proven_at: now.toISOString() })
    .where('id', '=', loginId)
    .execute()
}

const endImpersonations: LoginStore['endImpersonations'] = async (trx, administrator, now) => {
  await tablesOf(trx)
    .updateTable('logins')
    .set({ ended_at: now.toISOString(), end_reason: 'forced' })
    .where('impersonated_by', '=', administrator)
    .where('ended_at', 'is', null)
    .execute()
}

/** Logins in the database, beside their users; what is written commits with its transaction. */
export const createTableLogins = (db: Database<KitTables>): LoginStore => {
  const tables = db.as<CoreDb>()
  return {
    async find(hash) {
      const row = await sessionByHash.first(tables.read, { id: hash })
      if (!row) return undefined
      const { role, rights, grants, portal, scopes } = row
      return {
        role,
        rights,
        grants,
        portal,
        scopes,
        userId: row.user_id,
        loginId: row.login_id,
        expiresAt: row.expires_at,
        provenAt: row.proven_at,
        impersonatedBy: row.impersonated_by,
        verified: row.email_verified_at !== null,
        ended: (row.ended_at ?? row.login_ended_at) !== null,
      }
    },
    start,
    addTokens,
    findRefresh,
    spend,
    renew,
    end,
    endImpersonations,
    beyond,
    prove,
    async list(handle, { userId, limit, cursor }, now) {
      const logins = handle.$extendTables<Pick<CoreDb, 'logins'>>().selectFrom('logins').selectAll()
      const rows = await keyset(logins, NEWEST_FIRST, cursor)
        .where('user_id', '=', userId)
        .where('ended_at', 'is', null)
        .where('expires_at', '>', now.toISOString())
        .limit(limit + 1)
        .execute()
      const { items, nextCursor } = pageOf(rows, limit, NEWEST_FIRST)
      return { items: items.map(toRecord), nextCursor }
    },
    // The look-up reads both where they stand.
    setStanding: async () => undefined,
    setRights: async () => undefined,
  }
}
