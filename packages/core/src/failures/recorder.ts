import { type Database, json, type WriteDb } from '@plinth/db'
import { type Clock, type KitTables, type Log, newId } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import { type Occurrence, occurrenceOf } from './rules.ts'

interface Waiting extends Occurrence {
  occurred: number
  firstAt: Date
  lastAt: Date
}

/** Collects unhandled errors as they are logged, and writes them down now and then. */
export interface FailureRecorder {
  /** Writes what was collected; answers how many errors it was, and the causes that were never seen before. */
  flush(): Promise<{ occurred: number; fresh: readonly Occurrence[] }>
}

// A fault that repeats is one row; more different ones at once than this tell nothing more.
const MOST_WAITING = 200
const MOST_KEPT = 1000

const store = async (db: WriteDb<CoreDb>, failure: Waiting): Promise<boolean> => {
  const { cause, name, message, stack, context, occurred, firstAt, lastAt } = failure
  const said = { name, message, stack, context: json(context), last_at: lastAt.toISOString() }
  const known = await db
    .updateTable('failures')
    .set(({ eb }) => ({ ...said, occurred: eb('occurred', '+', occurred) }))
    .where('cause', '=', cause)
    .executeTakeFirst()
  if (known.numUpdatedRows > 0n) return false
  const id = newId('flr', firstAt)
  await db
    .insertInto('failures')
    .values({ ...said, id, cause, occurred, first_at: firstAt.toISOString() })
    .execute()
  return true
}

const purge = async (db: WriteDb<CoreDb>): Promise<void> => {
  const kept = db
    .selectFrom('failures')
    .select('id')
    .orderBy('last_at', 'desc')
    .orderBy('id', 'desc')
    .limit(MOST_KEPT)
  await db.deleteFrom('failures').where('id', 'not in', kept).execute()
}

/** Makes a recorder that listens to a log. */
export const createFailureRecorder = (
  given: Database<KitTables>,
  { log, clock }: { log: Log; clock: Clock },
): FailureRecorder => {
  const db = given.as<CoreDb>()
  let waiting = new Map<string, Waiting>()

  const keep = (failure: Waiting): void => {
    const before = waiting.get(failure.cause)
    if (before) {
      const firstAt = new Date(Math.min(before.firstAt.getTime(), failure.firstAt.getTime()))
      waiting.set(failure.cause, { ...failure, occurred: before.occurred + failure.occurred, firstAt })
    } else if (waiting.size < MOST_WAITING) waiting.set(failure.cause, failure)
  }
  log.onError((logged) => {
    const now = clock.now()
    keep({ ...occurrenceOf(logged), occurred: 1, firstAt: now, lastAt: now })
  })

  return {
    async flush() {
      const failures = [...waiting.values()]
      if (failures.length === 0) return { occurred: 0, fresh: [] }
      waiting = new Map()
      try {
        const fresh = await db.transaction(async (trx) => {
          // Processes that write the same cause at once take turns.
          await given.dialect.lock(trx, 'failures')
          const isFresh: Waiting[] = []
          for (const failure of failures) if (await store(trx, failure)) isFresh.push(failure)
          await purge(trx)
          return isFresh
        })
        return { occurred: failures.reduce((sum, { occurred }) => sum + occurred, 0), fresh }
      } catch (error) {
        for (const failure of failures) keep(failure)
        throw error
      }
    },
  }
}
