import type { Database, WriteDb } from '@plinth/db'
import { type KitTables, newId } from '@plinth/kit'
import type { CoreDb } from '../db.ts'

/** How one backup went. */
export interface BackupOutcome {
  readonly startedAt: Date
  readonly endedAt: Date
  readonly location: string
  readonly bytes: number
  readonly rows: number
  /** Why it failed; null when it is there. */
  readonly error: string | null
}

const MOST_KEPT = 1000
const ERROR_LENGTH = 2000

/** Writes down how a backup went. The last thousand are kept. */
export const recordBackup = async (given: WriteDb<KitTables>, outcome: BackupOutcome): Promise<void> => {
  const db = given.$extendTables<Pick<CoreDb, 'backups'>>()
  const { startedAt, endedAt, location, bytes, rows, error } = outcome
  await db
    .insertInto('backups')
    .values({
      id: newId('bak', endedAt),
      started_at: startedAt.toISOString(),
      ended_at: endedAt.toISOString(),
      location,
      bytes,
      rows,
      error: error?.slice(0, ERROR_LENGTH).toWellFormed() ?? null,
    })
    .execute()
  const kept = db
    .selectFrom('backups')
    .select('id')
    .orderBy('ended_at', 'desc')
    .orderBy('id', 'desc')
    .limit(MOST_KEPT)
  await db.deleteFrom('backups').where('id', 'not in', kept).execute()
}

/** The last backup that is there, and the last try; null where there was none. */
export const lastBackups = async (
  given: Database<KitTables>,
): Promise<{ done: BackupOutcome | null; tried: BackupOutcome | null }> => {
  const newest = given
    .as<CoreDb>()
    .read.selectFrom('backups')
    .selectAll()
    .orderBy('ended_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
  const outcomeOf = (row: Awaited<ReturnType<typeof newest.executeTakeFirst>>): BackupOutcome | null =>
    row
      ? {
          startedAt: new Date(row.started_at),
          endedAt: new Date(row.ended_at),
          location: row.location,
          bytes: row.bytes,
          rows: row.rows,
          error: row.error,
        }
      : null
  return {
    done: outcomeOf(await newest.where('error', 'is', null).executeTakeFirst()),
    tried: outcomeOf(await newest.executeTakeFirst()),
  }
}
