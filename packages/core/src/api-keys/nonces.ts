import type { Database } from '@plinth/db'
import { type KitTables, PURGE_BATCH, purgeInBatches } from '@plinth/kit'
import type { CoreDb } from '../db.ts'

// The clocks of processes that share a database differ, and a nonce must outlast its signature by each of them.
const MARGIN_MS = 10 * 60_000

/** Uses a nonce up; false: it was used before. Of any number who try at the same time, one is told true. */
export const claimNonce = (
  db: Database<CoreDb>,
  { keyId, nonce, expiresAt }: { readonly keyId: string; readonly nonce: string; readonly expiresAt: Date },
): Promise<boolean> =>
  db.transaction(async (trx) => {
    const { numInsertedOrUpdatedRows } = await trx
      .insertInto('api_key_nonces')
      .values({ key_id: keyId, nonce, expires_at: expiresAt.toISOString() })
      .onConflict((conflict) => conflict.columns(['key_id', 'nonce']).doNothing())
      .executeTakeFirstOrThrow()
    return numInsertedOrUpdatedRows === 1n
  })

/** Deletes the nonces of signatures that are too old to be accepted. */
export const purgeNonces = (db: Database<KitTables>, now: Date, signal: AbortSignal): Promise<number> => {
  const before = new Date(now.getTime() - MARGIN_MS).toISOString()
  return purgeInBatches(db, signal, (given) => {
    const trx = given.$extendTables<Pick<CoreDb, 'api_key_nonces'>>()
    const old = trx
      .selectFrom('api_key_nonces')
      .select(['key_id', 'nonce'])
      .where('expires_at', '<', before)
      .orderBy('expires_at')
      .limit(PURGE_BATCH)
    return trx
      .deleteFrom('api_key_nonces')
      .where(({ eb, refTuple }) => eb(refTuple('key_id', 'nonce'), 'in', old.$asTuple('key_id', 'nonce')))
      .executeTakeFirst()
  })
}
