import { setTimeout as delay } from 'node:timers/promises'
import type { Settings } from '../../config.ts'
import { MigrationError, PoolTimeoutError } from '../../errors.ts'
import { createGate } from '../../gate.ts'
import type { Observe } from '../../statements.ts'
import type { WriteSession } from '../types.ts'
import { open } from './connections.ts'
import type { SqliteSession } from './session.ts'

const statement = (sql: string) => ({ sql, parameters: [] })
const BEGIN = statement('begin immediate')
const COMMIT = statement('commit')
const ROLLBACK = statement('rollback')

const isBusy = (error: unknown) =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')

// Another process may hold the file's write lock. The wait is ours and not the driver's, which would
// stop every other request of this process.
const begin = async (session: SqliteSession, timeoutMs: number) => {
  const until = performance.now() + timeoutMs
  for (;;) {
    try {
      session.run(BEGIN)
      return
    } catch (error) {
      if (!isBusy(error)) throw error
      if (performance.now() > until)
        throw new PoolTimeoutError(`the database stayed locked for ${timeoutMs} ms`, { cause: error })
    }
    // Short, as the other process may write one transaction after the other, and leave the lock for moments only.
    await delay(1 + Math.random() * 4)
  }
}

const checkForeignKeys = ({ database }: SqliteSession) => {
  const broken = database.pragma('foreign_key_check')
  if (Array.isArray(broken) && broken.length > 0)
    throw new MigrationError(`the migration leaves broken references: ${JSON.stringify(broken.slice(0, 5))}`)
}

/** The one connection that writes; transactions take it in turn, first come first served. */
export const createWriter = (settings: Settings, observe: Observe) => {
  const session = open(settings, 'write', observe)
  const gate = createGate(1, settings.acquireTimeoutMs, 'write connection')

  // A table that is rebuilt is dropped on the way, which must not cascade into the rows that refer to it;
  // the references are checked as a whole before the commit.
  const guardReferences = (on: boolean) => session.database.pragma(`foreign_keys = ${on ? 'ON' : 'OFF'}`)

  const start = async (schema: boolean) => {
    const leave = await gate.enter()
    try {
      if (schema) guardReferences(false)
      await begin(session, settings.acquireTimeoutMs)
    } catch (error) {
      if (schema) guardReferences(true)
      leave()
      throw error
    }
    return () => {
      if (schema) guardReferences(true)
      leave()
    }
  }

  return {
    session,
    async begin(purpose: 'data' | 'schema'): Promise<WriteSession> {
      const schema = purpose === 'schema'
      const finish = await start(schema)
      const undo = () => {
        // A full disk, for one, makes the engine roll back by itself.
        if (session.database.inTransaction) session.run(ROLLBACK)
      }
      return {
        connection: session,
        async commit() {
          try {
            if (schema) checkForeignKeys(session)
            session.run(COMMIT)
          } catch (error) {
            undo()
            throw error
          } finally {
            finish()
          }
        },
        async rollback() {
          try {
            undo()
          } finally {
            finish()
          }
        },
      }
    },
    stats: () => ({ open: 1, idle: 1 - gate.inside, max: 1, waiting: gate.waiting }),
    /** Waits for the transactions that are under way or queued, then closes the connection. */
    async close() {
      const leave = await gate.enter()
      try {
        session.database.pragma('optimize')
      } catch {
        // It is for the plans of later processes alone, and can't be had while another process writes or the disk is full.
      } finally {
        session.database.close()
        leave()
      }
    },
  }
}
