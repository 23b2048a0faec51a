import type { SchemaTools } from './columns.ts'
import { type Database, engineOf } from './database.ts'
import { MigrationError, messageOf } from './errors.ts'

/** One change of the schema and how it is taken back. Both run inside the transaction of the whole run. */
export interface Migration {
  up(tools: SchemaTools): Promise<void>
  down(tools: SchemaTools): Promise<void>
}

/** Migrations by name, such as `20261121T0900_create_users`; they are applied in the order of their names. */
export type Migrations = Record<string, Migration>

/** Where the names of the migrations that were applied are kept. */
export const MIGRATIONS_TABLE = 'plinth_migrations'

const NAME = /^\d{8}T\d{4}_[a-z0-9_]+$/

const sortedNames = (migrations: Migrations): string[] => {
  const names = Object.keys(migrations).sort()
  const odd = names.find((name) => !NAME.test(name))
  if (odd !== undefined)
    throw new MigrationError(`migration '${odd}' must be named like 20261121T0900_create_users`)
  return names
}

const appliedNames = async ({ db, schema, type }: SchemaTools, names: readonly string[]) => {
  await schema
    .createTable(MIGRATIONS_TABLE)
    .ifNotExists()
    .addColumn('name', type.text, (column) => column.primaryKey())
    .addColumn('applied_at', type.moment, (column) => column.notNull())
    .execute()
  const rows = await db.selectFrom(MIGRATIONS_TABLE).select('name').orderBy('name').execute()
  const applied = rows.map(({ name }) => String(name))
  const unknown = applied.filter((name) => !names.includes(name))
  if (unknown.length > 0)
    throw new MigrationError(
      `the database has migrations that this version does not know: ${unknown.join(', ')}; run a newer version`,
    )
  return new Set(applied)
}

const inSchemaTransaction = async <T, R>(db: Database<T>, work: (tools: SchemaTools) => Promise<R>) => {
  const { engine, transact } = engineOf(db)
  return transact('schema', (trx) => work(engine.tools(trx)))
}

const step = async (name: string, work: () => Promise<void>) => {
  try {
    await work()
  } catch (error) {
    throw new MigrationError(`migration '${name}' failed: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

/** Applies what is missing in the caller's schema transaction, up to and including `to`; answers the names applied. */
export const applyMissing = async (
  tools: SchemaTools,
  migrations: Migrations,
  to?: string,
): Promise<string[]> => {
  const names = sortedNames(migrations)
  const applied = await appliedNames(tools, names)
  const latest = [...applied].sort().at(-1) ?? ''
  const missing = names.filter((name) => !applied.has(name) && (to === undefined || name <= to))
  const late = missing.find((name) => name < latest)
  if (late !== undefined)
    throw new MigrationError(`migration '${late}' is older than '${latest}', which is applied already`)
  for (const name of missing) {
    await step(name, async () => migrations[name]?.up(tools))
    const appliedAt = new Date().toISOString()
    await tools.db.insertInto(MIGRATIONS_TABLE).values({ name, applied_at: appliedAt }).execute()
  }
  return missing
}

/**
 * Applies what is missing, up to and including `to`, all or nothing; answers the names applied. Processes
 * that start together take turns. A database that is newer than `migrations` is refused.
 */
export const migrate = async <T>(db: Database<T>, migrations: Migrations, to?: string): Promise<string[]> => {
  if (to !== undefined && !Object.hasOwn(migrations, to))
    throw new MigrationError(`there is no migration '${to}'`)
  return inSchemaTransaction(db, (tools) => applyMissing(tools, migrations, to))
}

/** Takes back the last `steps` migrations in the caller's schema transaction; answers their names, newest first. */
export const takeBack = async (
  tools: SchemaTools,
  migrations: Migrations,
  steps: number | 'all',
): Promise<string[]> => {
  const applied = await appliedNames(tools, sortedNames(migrations))
  const newest = [...applied].sort().reverse()
  const chosen = steps === 'all' ? newest : newest.slice(0, steps)
  for (const name of chosen) {
    await step(name, async () => migrations[name]?.down(tools))
    await tools.db.deleteFrom(MIGRATIONS_TABLE).where('name', '=', name).execute()
  }
  return chosen
}

/** Takes back the last `steps` migrations (default 1), all or nothing; answers their names, newest first. */
export const rollback = <T>(
  db: Database<T>,
  migrations: Migrations,
  steps: number | 'all' = 1,
): Promise<string[]> => inSchemaTransaction(db, (tools) => takeBack(tools, migrations, steps))
