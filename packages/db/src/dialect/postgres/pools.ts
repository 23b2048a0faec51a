import pg from 'pg'
import type { QueryEvent, Settings } from '../../config.ts'
import type { Observe } from '../../statements.ts'
import { types } from './codec.ts'
import { translate } from './failures.ts'
import type { Names } from './names.ts'
import { createSession, type PostgresSession } from './session.ts'
import { lookAfter } from './silence.ts'

// `options` of the address and ours are one setting to the driver, so they are joined. Of two the server takes the last:
// what the settings say must hold, for other parts count on it.
/** The address of a server with options of ours. */
export const addressOf = (location: string, own: string) => {
  const url = new URL(location)
  const given = url.searchParams.get('options')
  url.searchParams.delete('options')
  return { connectionString: url.href, options: given === null ? own : `${given} ${own}` }
}

const optionsOf = (settings: Settings, role: QueryEvent['role']) =>
  [
    '-c timezone=UTC',
    '-c datestyle=ISO',
    '-c extra_float_digits=1',
    `-c statement_timeout=${settings.statementTimeoutMs}`,
    `-c idle_in_transaction_session_timeout=${2 * settings.statementTimeoutMs}`,
    `-c default_transaction_read_only=${role === 'read' ? 'on' : 'off'}`,
  ].join(' ')

/** A pool of connections of one role. */
export interface Pool {
  acquire(): Promise<PostgresSession>
  stats(): { open: number; idle: number; max: number; waiting: number }
  close(): Promise<void>
}

/** Opens a pool and its first `min` connections, so that a wrong address shows at start. */
export const openPool = async (
  settings: Settings,
  role: QueryEvent['role'],
  names: Names,
  observe: Observe,
): Promise<Pool> => {
  const max = role === 'read' ? settings.readMax : settings.max
  const min = Math.min(settings.min, max)
  const pool = new pg.Pool({
    ...addressOf(settings.location, optionsOf(settings, role)),
    application_name: 'plinth',
    types,
    min,
    max,
    connectionTimeoutMillis: settings.acquireTimeoutMs,
    idleTimeoutMillis: settings.idleTimeoutMs,
    keepAlive: true,
  })
  // A lost connection shows as an event and, to whoever uses it next, as a rejection. The pool drops an
  // idle one by itself and the holder of a busy one gets the rejection: the event has no one else to tell.
  const lost = () => undefined
  pool.on('error', lost)
  pool.on('connect', (client) => client.on('error', lost))

  // One session for each connection, however often it is acquired.
  const sessions = new Map<pg.PoolClient, PostgresSession>()
  pool.on('remove', (client) => void sessions.delete(client))
  const sessionOf = (client: pg.PoolClient): PostgresSession => {
    const known = sessions.get(client)
    if (known) return known
    const session = createSession(client, settings, role, names, observe)
    sessions.set(client, session)
    return session
  }
  const connected = () =>
    new Promise<pg.PoolClient>((resolve, reject) => {
      pool.connect((error, client) => {
        if (client) resolve(client)
        else reject(error ?? new Error('the pool gave no connection'))
      })
    })
  const acquire = async () => {
    try {
      return sessionOf(await connected())
    } catch (error) {
      throw translate(error)
    }
  }

  const stopLooking = lookAfter(sessions, settings)
  const close = async () => {
    await pool.end()
    stopLooking()
  }

  try {
    const first = await Promise.all(Array.from({ length: min }, acquire))
    for (const session of first) session.release()
  } catch (error) {
    await close()
    throw error
  }
  return {
    acquire,
    stats: () => ({ open: pool.totalCount, idle: pool.idleCount, max, waiting: pool.waitingCount }),
    close,
  }
}
