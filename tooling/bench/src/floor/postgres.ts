import pg from 'pg'
import { type ProductRow, type SessionRow, type Store, statements, type UserRow } from './statements.ts'

const INT8 = 20
const TIMESTAMPTZ = 1184

const moment = (text: string): string =>
  `${text.slice(0, 10)}T${text.slice(11, 19)}.${text.slice(20, -3).padEnd(3, '0')}Z`

/** Opens a Postgres database for the floor: a pool as large as Plinth's, named statements. */
export const openPostgres = (url: string): Store => {
  pg.types.setTypeParser(INT8, Number)
  pg.types.setTypeParser(TIMESTAMPTZ, moment)
  const pool = new pg.Pool({ connectionString: url, max: 10, options: '-c timezone=UTC -c datestyle=ISO' })
  const text = statements((at) => `$${at}`)
  const ask =
    <R extends pg.QueryResultRow>(name: keyof typeof text) =>
    async (values: readonly unknown[]): Promise<R[]> =>
      (await pool.query<R>({ name, text: text[name], values: [...values] })).rows
  const list = ask<ProductRow>('list')
  const bySlug = ask<ProductRow>('bySlug')
  const session = ask<SessionRow>('session')
  const rename = ask<UserRow>('rename')
  const addProduct = ask<ProductRow>('addProduct')
  const addUser = ask<UserRow>('addUser')
  return {
    list: (limit) => list([limit]),
    bySlug: async (slug) => (await bySlug([slug]))[0],
    session: async (id) => (await session([id]))[0],
    rename: async (id, name, now) => (await rename([name, now, id]))[0],
    addProduct: async (values) => (await addProduct(values))[0],
    addUser: async (values) => (await addUser(values))[0],
  }
}
