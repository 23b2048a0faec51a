import type { Database, WriteDb } from '@plinth/db'
import type { KitTables } from '../tables.ts'

/** The most rows that one transaction of a purge deletes. */
export const PURGE_BATCH = 1000

/**
 * Deletes in short transactions, so that no write has to wait for a purge however much there is; answers how many rows
 * in all. `purge` deletes up to {@link PURGE_BATCH} rows and answers how many.
 */
export const purgeInBatches = async <Tables extends KitTables>(
  db: Database<Tables>,
  signal: AbortSignal,
  purge: (trx: WriteDb<Tables>) => Promise<{ numDeletedRows: bigint }>,
): Promise<number> => {
  let total = 0
  for (;;) {
    const { numDeletedRows } = await db.transaction(purge)
    total += Number(numDeletedRows)
    if (numDeletedRows < PURGE_BATCH) return total
    signal.throwIfAborted()
  }
}
