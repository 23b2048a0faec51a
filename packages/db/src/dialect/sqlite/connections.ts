import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import type { Settings } from '../../config.ts'
import { DbConfigError, messageOf } from '../../errors.ts'
import { createGate } from '../../gate.ts'
import type { Observe } from '../../statements.ts'
import { createSession, type SqliteSession } from './session.ts'

// A busy wait inside the driver stops the whole process, so it is short; longer waits are ours.
const BUSY_MS = 50
const CHECKPOINT_PAGES = 1000

/** Opens a connection in WAL mode; one that only reads refuses every write. */
export const open = (settings: Settings, role: 'read' | 'write', observe: Observe): SqliteSession => {
  const database = openFile(settings.location)
  try {
    return prepareSession(database, settings, role, observe)
  } catch (error) {
    database.close()
    throw error
  }
}

const prepareSession = (
  database: BetterSqlite3.Database,
  settings: Settings,
  role: 'read' | 'write',
  observe: Observe,
): SqliteSession => {
  database.pragma(`busy_timeout = ${BUSY_MS}`)
  if (role === 'write') {
    database.pragma('journal_mode = WAL')
    database.pragma(`synchronous = ${settings.synchronous}`)
    database.pragma('foreign_keys = ON')
    // Without this a REPLACE would delete rows past the triggers that guard and index them.
    database.pragma('recursive_triggers = ON')
    // What is written ahead goes into the file itself once it is so many pages long, and is cut back when it was longer.
    database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
    database.pragma('journal_size_limit = 67108864')
  } else {
    database.pragma('query_only = ON')
  }
  database.pragma('temp_store = MEMORY')
  database.pragma('cache_size = -16384')
  return createSession(database, role, observe)
}

const openFile = (path: string) => {
  try {
    mkdirSync(dirname(path), { recursive: true })
    return new BetterSqlite3(path)
  } catch (error) {
    throw new DbConfigError('url', `can't be opened: ${messageOf(error)}`)
  }
}

/** Read connections: one that all single statements share, and more for holders that need one alone. */
export const createReaders = (settings: Settings, observe: Observe) => {
  const shared = open(settings, 'read', observe)
  const gate = createGate(settings.readMax, settings.acquireTimeoutMs, 'read connection')
  const idle: SqliteSession[] = []
  const all = new Set([shared])

  const take = () => {
    const session = idle.pop() ?? open(settings, 'read', observe)
    all.add(session)
    return session
  }

  const takeOr = (leave: () => void) => {
    try {
      return take()
    } catch (error) {
      leave()
      throw error
    }
  }

  return {
    shared,
    async reserve() {
      const leave = await gate.enter()
      const connection = takeOr(leave)
      const release = () => {
        idle.push(connection)
        leave()
      }
      return { connection, release }
    },
    forget() {
      for (const session of all) session.forget()
    },
    stats: () => ({
      open: all.size,
      idle: all.size - gate.inside,
      max: settings.readMax + 1,
      waiting: gate.waiting,
    }),
    statements: () => [...all].reduce((sum, session) => sum + session.statements, 0),
    close() {
      for (const session of all) session.database.close()
    },
  }
}
