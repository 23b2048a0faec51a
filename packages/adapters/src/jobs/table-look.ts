import type { ReadDb, Row, WriteDb } from '@plinth/db'
import { savepoint, violation } from '@plinth/db'
import type { JobFilter, JobRecord, KitTables, Redriven } from '@plinth/kit'
import type { AdapterTables } from '../tables.ts'

type JobRow = Row<AdapterTables['jobs']>

const toRecord = (row: JobRow): JobRecord => ({
  id: row.id,
  name: row.name,
  key: row.key,
  state: row.state,
  attempts: row.attempts,
  maxAttempts: row.max_attempts,
  runAt: row.run_at,
  createdAt: row.created_at,
  finishedAt: row.finished_at,
  error: row.last_error,
})

const tablesOf = (db: ReadDb<KitTables> | WriteDb<KitTables>) =>
  (db as ReadDb<KitTables>).$extendTables<Pick<AdapterTables, 'jobs'>>()

/** Jobs by state and name, newest first. */
export const listJobs = async (
  db: ReadDb<KitTables>,
  { state, name, after, limit }: JobFilter,
): Promise<JobRecord[]> => {
  let query = tablesOf(db).selectFrom('jobs').selectAll().orderBy('id', 'desc').limit(limit)
  if (state !== undefined) query = query.where('state', '=', state)
  if (name !== undefined) query = query.where('name', '=', name)
  if (after !== undefined) query = query.where('id', '<', after)
  return (await query.execute()).map(toRecord)
}

/** One job, whatever its state. */
export const getJob = async (
  db: ReadDb<KitTables> | WriteDb<KitTables>,
  id: string,
): Promise<JobRecord | null> => {
  const row = await tablesOf(db).selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? toRecord(row) : null
}

/**
 * Lets a dead job wait again with all its attempts. They are numbered on from those before, so that a late worker of one
 * of those has no part in them; what it failed of is kept until it is begun.
 */
export const redriveJob = async (db: WriteDb<KitTables>, id: string, now: Date): Promise<Redriven> => {
  const trx = db.$extendTables<Pick<AdapterTables, 'jobs'>>()
  const row = await trx.selectFrom('jobs').select('state').where('id', '=', id).executeTakeFirst()
  if (!row) return 'absent'
  const wait = () =>
    trx
      .updateTable('jobs')
      .set(({ eb }) => ({
        state: 'ready',
        attempts: 0,
        earlier_attempts: eb('earlier_attempts', '+', eb.ref('attempts')),
        run_at: now.toISOString(),
        finished_at: null,
      }))
      .where('id', '=', id)
      .where('state', '=', 'dead')
      .executeTakeFirst()
  try {
    const { numUpdatedRows } = await savepoint(trx, wait)
    return numUpdatedRows === 1n ? 'redriven' : 'not-dead'
  } catch (failure) {
    if (violation(failure)?.kind !== 'unique') throw failure
    return 'key-waits'
  }
}
