import { PURGE_BATCH, purgeInBatches } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import { KEEP_EXPIRED_MS } from '../purge.ts'
import type { CoreDeps } from '../settings.ts'
import { purgeNonces } from './nonces.ts'

/**
 * Deletes the nonces of old signatures, and keys and secrets a week after their end: until then they are told why they are
 * refused, afterwards they are unknown.
 */
export const purgeApiKeys = async (
  { db }: Pick<CoreDeps, 'db'>,
  due: Date,
  signal: AbortSignal,
): Promise<void> => {
  const before = new Date(due.getTime() - KEEP_EXPIRED_MS).toISOString()
  await purgeNonces(db, due, signal)
  for (const column of ['expires_at', 'revoked_at'] as const)
    await purgeInBatches(db, signal, (given) => {
      const trx = given.$extendTables<Pick<CoreDb, 'api_keys'>>()
      const old = trx.selectFrom('api_keys').select('id').where(column, '<=', before).limit(PURGE_BATCH)
      return trx.deleteFrom('api_keys').where('id', 'in', old).executeTakeFirst()
    })
  await purgeInBatches(db, signal, (given) => {
    const trx = given.$extendTables<Pick<CoreDb, 'api_key_secrets'>>()
    const old = trx
      .selectFrom('api_key_secrets')
      .select('hash')
      .where('ends_at', '<=', before)
      .limit(PURGE_BATCH)
    return trx.deleteFrom('api_key_secrets').where('hash', 'in', old).executeTakeFirst()
  })
}
