import { hash } from 'node:crypto'
import type { ReadDb, WriteDb } from '@plinth/db'
import { sql } from 'kysely'
import type { CoreDb } from '../db.ts'

/** How many failures within how long lock a subject, and for how long. Times are milliseconds. */
export interface ThrottleRule {
  readonly failures: number
  readonly windowMs: number
  readonly lockMs: number
}

/** Counts the failures against a subject, such as an account as one address reaches it, in the database. */
export interface Throttle {
  /** Milliseconds for which the subject is still locked; 0 where it is not. */
  lockedMs(db: ReadDb<CoreDb> | WriteDb<CoreDb>, subject: string, now: Date): Promise<number>
  /** Counts one failure. Those at the same time are all counted. */
  failed(db: WriteDb<CoreDb>, subject: string, now: Date): Promise<void>
  /** Forgets the failures, as after a success. */
  clear(db: WriteDb<CoreDb>, subject: string): Promise<void>
}

const later = (now: Date, ms: number): string => new Date(now.getTime() + ms).toISOString()

/** Makes the throttle of a name; throttles of different names do not count together. A lock clears by itself. */
export const createThrottle = (name: string, { failures, windowMs, lockMs }: ThrottleRule): Throttle => {
  // What failures are aimed at may be personal, and need not be known to be counted.
  const keyOf = (subject: string): string => `${name}:${hash('sha256', subject, 'hex')}`
  return {
    async lockedMs(db, subject, now) {
      const row = await (db as ReadDb<CoreDb>)
        .selectFrom('throttles')
        .select('locked_until')
        .where('key', '=', keyOf(subject))
        .executeTakeFirst()
      return row?.locked_until ? Math.max(0, Date.parse(row.locked_until) - now.getTime()) : 0
    },
    async failed(db, subject, now) {
      const at = now.toISOString()
      const [since, lockedUntil] = [later(now, -windowMs), later(now, lockMs)]
      const expiresAt = later(now, windowMs + lockMs)
      const first = failures === 1 ? lockedUntil : null
      // Failures of an earlier window, and those that a lock has answered already, count no more.
      const anew = sql<boolean>`throttles.began_at <= ${since} or throttles.locked_until <= ${at}`
      await db
        .insertInto('throttles')
        .values({
          key: keyOf(subject),
          failures: 1,
          began_at: at,
          locked_until: first,
          expires_at: expiresAt,
        })
        .onConflict((conflict) =>
          conflict.column('key').doUpdateSet({
            failures: sql<number>`case when ${anew} then 1 else throttles.failures + 1 end`,
            began_at: sql<string>`case when ${anew} then excluded.began_at else throttles.began_at end`,
            locked_until: sql<string>`case when ${anew} then excluded.locked_until
              when throttles.failures + 1 >= ${failures} then ${sql.val(lockedUntil)} else throttles.locked_until end`,
            expires_at: expiresAt,
          }),
        )
        .execute()
    },
    async clear(db, subject) {
      await db.deleteFrom('throttles').where('key', '=', keyOf(subject)).execute()
    },
  }
}
