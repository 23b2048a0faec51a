import type { ApiKey } from '@plinth/contract'
import type { ReadDb, Row, WriteDb } from '@plinth/db'
import type { Scope } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import type { ApiKeysTable } from './tables.ts'

type Handle = ReadDb<CoreDb> | WriteDb<CoreDb>

/** Keys that were not revoked, with the end of the secret before the present one where it is still accepted. */
export const liveKeys = (db: Handle, now: Date) =>
  (db as ReadDb<CoreDb>)
    .selectFrom('api_keys')
    .leftJoin('api_key_secrets as previous', (join) =>
      join.onRef('previous.key_id', '=', 'api_keys.id').on('previous.ends_at', '>', now.toISOString()),
    )
    .selectAll('api_keys')
    .select('previous.ends_at as previous_until')
    .where('api_keys.revoked_at', 'is', null)

/** A key that was not revoked, if whoever asks may see it. */
export const liveKey = (db: Handle, id: string, scope: Scope, now: Date) => {
  const found = liveKeys(db, now).where('api_keys.id', '=', id)
  return (scope.all ? found : found.where('api_keys.user_id', '=', scope.userId)).executeTakeFirst()
}

/** A key as it is answered. */
export const toApiKey = (row: Row<ApiKeysTable> & { readonly previous_until: string | null }): ApiKey => ({
  id: row.id,
  ownerId: row.user_id,
  name: row.name,
  scopes: row.scopes.split(' '),
  signed: row.signed,
  perMinute: row.per_minute,
  burst: row.burst,
  expiresAt: row.expires_at,
  previousSecretUntil: row.previous_until,
  lastUsedAt: row.last_used_at,
  lastAddress: row.last_address,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})
