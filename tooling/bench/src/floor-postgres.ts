import pg from 'pg'
import { type ProductRow, type Reads, type SessionRow, statements } from './floor-reads.ts'

const INT8 = 20
const TIMESTAMPTZ = 1184

const moment = (text: string): string =>
  `${text.slice(0, 10)}T${text.slice(11, 19)}.${text.slice(20, -3).padEnd(3, '0')}Z`

/** Opens a Postgres database for the floor: a pool as large as Plinth's, three named statements. */
export const openPostgres = (url: string): Reads => {
  pg.types.setTypeParser(INT8, Number)
  pg.types.setTypeParser(TIMESTAMPTZ, moment)
  const pool = new pg.Pool({ connectionString: url, max: 10, options: '-c timezone=UTC -c datestyle=ISO' })
  const text = statements('$1')
  return {
    list: async (limit) =>
      (await pool.query<ProductRow>({ name: 'list', text: text.list, values: [limit] })).rows,
    bySlug: async (slug) =>
      (await pool.query<ProductRow>({ name: 'slug', text: text.bySlug, values: [slug] })).rows[0],
    session: async (id) =>
      (await pool.query<SessionRow>({ name: 'session', text: text.session, values: [id] })).rows[0],
  }
}
