import BetterSqlite3 from 'better-sqlite3'
import { type ProductRow, type Reads, type SessionRow, statements } from './floor-reads.ts'

/** Opens a SQLite file for the floor: one connection, three prepared statements. */
export const openSqlite = (url: string): Reads => {
  const database = new BetterSqlite3(url.slice('sqlite:'.length), { readonly: true })
  database.pragma('cache_size = -16384')
  const text = statements('?')
  const list = database.prepare<[number], ProductRow>(text.list)
  const bySlug = database.prepare<[string], ProductRow>(text.bySlug)
  const session = database.prepare<[string], SessionRow>(text.session)
  return {
    list: (limit) => list.all(limit),
    bySlug: (slug) => bySlug.get(slug),
    session: (id) => session.get(id),
  }
}
