import type { Procedure } from '@plinth/contract'
import { type Database, isUnavailable, type WriteDb } from '@plinth/db'
import type { Exchange } from '../exchange.ts'
import type { Cache } from '../ports.ts'
import type { KitTables } from '../tables.ts'
import type { Effects } from './transaction.ts'

interface SettleDeps {
  readonly cache: Cache
  readonly wake: () => void
}

/** Prepares what follows a commit: kept answers are dropped, background work is woken, cookies are sent. */
export const prepareSettle = (name: string, { invalidates }: Procedure, { cache, wake }: SettleDeps) => {
  const spread = async ({ events, jobs }: Effects): Promise<void> => {
    if (invalidates.length > 0) await cache.drop(invalidates)
    if (events.length > 0 || jobs.length > 0) wake()
  }
  return {
    async done(exchange: Exchange, effects: Effects): Promise<void> {
      if (effects.cookies.length > 0) {
        const before = exchange.answerHeaders['set-cookie'] ?? []
        exchange.answerHeaders['set-cookie'] = [before, effects.cookies].flat()
      }
      await spread(effects)
    },
    /** The same after a failure that may have left something committed. Never rejects: the failure is the one to tell. */
    async failed({ log }: Exchange, effects: Effects): Promise<void> {
      try {
        await spread(effects)
      } catch (error) {
        log.warn({ err: error, procedure: name }, 'kept answers may be older than what was committed')
      }
    },
  }
}

/** The transactions of a handler that begins its own, and whether one of them may have been committed. */
export const watchWrites = (db: Database<KitTables>) => {
  let wrote = false
  return {
    mayHave: () => wrote,
    async transaction<R>(work: (trx: WriteDb<KitTables>) => Promise<R>): Promise<R> {
      try {
        const result = await db.transaction(work)
        wrote = true
        return result
      } catch (error) {
        // A connection that breaks at the commit leaves open what became of it.
        wrote ||= isUnavailable(error)
        throw error
      }
    },
  }
}
