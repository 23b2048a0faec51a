import type { CompiledQuery } from 'kysely'
import type { DbConfig, DbHooks } from './config.ts'
import { createDb, type Database, engineOf } from './database.ts'
import type { Migrations } from './migrate.ts'
import { copyTemplate } from './testing/files.ts'
import { cloneTemplate, type TestUrl } from './testing/templates.ts'

export { eventually } from './testing/eventually.ts'
export { type OwnServer, startEmbedded } from './testing/server.ts'
export { type TcpProxy, tcpProxy } from './testing/tcp-proxy.ts'
export type { TestUrl } from './testing/templates.ts'

/** All engines, for tests that go from one to another. */
export const testEngines = ['sqlite', 'postgres'] as const

/** The engine that this run of the tests is for: SQLite, unless `DB=postgres`. */
export const testEngine = (): 'sqlite' | 'postgres' => {
  const engine = process.env.DB ?? 'sqlite'
  if (engine !== 'sqlite' && engine !== 'postgres')
    throw new Error(`DB must be 'sqlite' or 'postgres', not '${engine}'`)
  return engine
}

/** Whether this run's engine is a server, which can be away, and not a file, which can be full. */
export const isServerEngine = (): boolean => testEngine() === 'postgres'

/** A migrated, empty database for a test that starts processes of its own; call `dispose` at its end. */
export const testDatabaseUrl = (migrations: Migrations, engine = testEngine()): Promise<TestUrl> =>
  engine === 'postgres' ? cloneTemplate(migrations) : copyTemplate(migrations)

/** The same on a server, whatever engine the run is for: for parts that work with a server alone. */
export const testServerUrl = (migrations: Migrations): Promise<TestUrl> => cloneTemplate(migrations)

/**
 * A migrated, empty database that is closed and removed when it goes out of scope:
 * `await using db = await testDatabase<Tables>(migrations)`.
 */
export const testDatabase = async <T = unknown>(
  migrations: Migrations,
  options: Omit<DbConfig, 'url'> & { hooks?: DbHooks; engine?: 'sqlite' | 'postgres' } = {},
): Promise<Database<T> & AsyncDisposable> => {
  const { hooks, engine, ...config } = options
  const { url, dispose } = await testDatabaseUrl(migrations, engine)
  // A power cut is nothing a test waits for, and few tests need many connections.
  const pool = { min: 0, max: 5, ...config.pool }
  const db = await createDb<T>({ synchronous: 'normal', ...config, pool, url }, hooks)
  return Object.assign(db, {
    [Symbol.asyncDispose]: async () => {
      await db.close()
      await dispose()
    },
  })
}

/**
 * The plans of all statements that `work` runs through the read handle, by the engine's own word: `scans` names the
 * tables that are read in full.
 */
export const plansOf = async <T>(
  db: Database<T>,
  work: () => Promise<unknown>,
): Promise<{ scans: string[]; text: string }[]> => {
  const executor = engineOf(db).handle.getExecutor()
  const queries: CompiledQuery[] = []
  const run = executor.executeQuery.bind(executor)
  const watched: typeof run = (query, options) => {
    // What asks the planner has no plan of its own, and reads nothing.
    if (!query.sql.startsWith('explain ')) queries.push(query)
    return run(query, options)
  }
  Object.assign(executor, { executeQuery: watched })
  try {
    await work()
  } finally {
    Reflect.deleteProperty(executor, 'executeQuery')
  }
  return Promise.all(queries.map((query) => db.dialect.explain(db.read, { compile: () => query })))
}
