import { setTimeout as delay } from 'node:timers/promises'
import type { WriteDb } from '@plinth/db'
import type { KitTables, Logger } from '@plinth/kit'
import { CompiledQuery } from 'kysely'
import type { Db, PgBoss } from 'pg-boss'

/** Where pg-boss keeps its tables. */
export const SCHEMA = 'pgboss'

const POOL = 3
const CONNECT_MS = 5000
const MONITOR_S = 30
const TRIES = 3
const CLOSE_MS = 2000

interface Server {
  readonly address: string
  /** Milliseconds after which it is taken for lost when it owes an answer. */
  readonly silentMs: number
}

/** The address, with the time after which a statement without an answer fails and its connection is given up. */
const bounded = (address: string, silentMs: number): string => {
  const url = new URL(address)
  url.searchParams.set('query_timeout', String(silentMs))
  return url.href
}

// Its connections end when the server agrees, which one that is silent never does.
const end = async (boss: PgBoss): Promise<void> => {
  const over = new AbortController()
  const stopped = boss.stop({ graceful: false }).finally(() => over.abort())
  await Promise.race([stopped, delay(CLOSE_MS, undefined, over).catch(() => undefined)])
}

const start = async ({ address, silentMs }: Server, log: Logger): Promise<PgBoss> => {
  // Loaded on demand: a process pays for it only when jobs are kept here.
  const { PgBoss: Boss } = await import('pg-boss')
  const boss = new Boss({
    connectionString: bounded(address, silentMs),
    application_name: 'plinth-jobs',
    schema: SCHEMA,
    max: POOL,
    connectionTimeoutMillis: Math.min(CONNECT_MS, silentMs),
    // Schedules are our own, and so is the timer that looks after lost jobs.
    schedule: false,
    supervise: false,
    monitorIntervalSeconds: MONITOR_S,
  })
  boss.on('error', (error) => log.error({ err: error }, 'the job store reports an error'))
  boss.on('warning', ({ message, data }) => log.warn({ data }, message))
  try {
    return await boss.start()
  } catch (error) {
    await end(boss)
    throw error
  }
}

/** Whether the server itself refused, by one of its codes of five characters, rather than that it was not reached. */
const isRefused = (error: unknown): boolean =>
  error instanceof Error && /^[0-9A-Z]{5}$/.test(String(Reflect.get(error, 'code')))

// Of processes that make or change the schema at the same time one wins, and the others find it made.
const startPatiently = async (server: Server, log: Logger): Promise<PgBoss> => {
  for (let tried = 1; ; tried += 1)
    try {
      return await start(server, log)
    } catch (error) {
      if (tried === TRIES || !isRefused(error)) throw error
      log.warn({ err: error }, 'the job store could not be opened; it is tried again')
    }
}

/** Opens pg-boss when it is first needed, and again when that failed. */
export const createOpener = (server: Server, log: Logger) => {
  let opening: Promise<PgBoss> | undefined
  const queues = new Map<string, Promise<void>>()
  let closed = false
  const open = (): Promise<PgBoss> => {
    if (closed) return Promise.reject(new Error('the job store is closed'))
    opening ??= startPatiently(server, log).catch((error: unknown) => {
      opening = undefined
      throw error
    })
    return opening
  }
  return {
    open,
    /** Sees to it that the queue of a name is there; it allows one waiting job per key. */
    async queue(name: string): Promise<void> {
      const making = queues.get(name) ?? open().then((boss) => boss.createQueue(name, { policy: 'short' }))
      queues.set(name, making)
      try {
        await making
      } catch (error) {
        queues.delete(name)
        throw error
      }
    },
    async close(): Promise<void> {
      closed = true
      const boss = await opening?.catch(() => undefined)
      if (boss) await end(boss)
    },
  }
}

// Our handles bind an array as JSON, and pg-boss means one of Postgres.
const bound = (value: unknown): unknown =>
  Array.isArray(value)
    ? `{${value.map((each) => `"${String(each).replaceAll(/["\\]/g, '\\$&')}"`).join()}}`
    : value

/** The caller's transaction as pg-boss wants it. */
export const within = (trx: WriteDb<KitTables>): { db: Db } => ({
  db: {
    async executeSql(text, values) {
      const { rows } = await trx.executeQuery(CompiledQuery.raw(text, values?.map(bound)))
      return { rows }
    },
  },
})
