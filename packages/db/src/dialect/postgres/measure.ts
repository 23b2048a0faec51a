import { sql } from 'kysely'
import type { SchemaTools } from '../../columns.ts'
import type { Measures } from '../types.ts'

/** Asks the server in one statement. How much room its disk has left it does not tell. */
export const measure = async (db: SchemaTools['db']): Promise<Measures> => {
  const { rows } = await sql<{ bytes: number; waits: number; open: number; max: number }>`
    select pg_database_size(current_database()) as bytes,
      (select count(*) from pg_stat_activity
        where wait_event_type = 'Lock' and datname = current_database()) as waits,
      (select sum(numbackends) from pg_stat_database) as open,
      current_setting('max_connections')::int4 as max`.execute(db)
  const [row] = rows
  if (!row) throw new Error('the server did not say how large its database is')
  const { bytes, waits, open, max } = row
  return { bytes, freeBytes: null, lockWaits: waits, connections: { open, max } }
}
