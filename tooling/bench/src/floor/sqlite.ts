import BetterSqlite3 from 'better-sqlite3'
import { type ProductRow, type SessionRow, type Store, statements, type UserRow } from './statements.ts'

/** Opens a SQLite file for the floor: one connection that reads, one that writes, statements prepared. */
export const openSqlite = (url: string): Store => {
  const path = url.slice('sqlite:'.length)
  const reader = new BetterSqlite3(path, { readonly: true })
  const writer = new BetterSqlite3(path, { timeout: 5000 })
  for (const database of [reader, writer]) database.pragma('cache_size = -16384')
  // As Plinth: what is acknowledged survives a power cut.
  writer.pragma('synchronous = full')
  writer.pragma('foreign_keys = on')
  const text = statements(() => '?')
  const list = reader.prepare<[number], ProductRow>(text.list)
  const bySlug = reader.prepare<[string], ProductRow>(text.bySlug)
  const session = reader.prepare<[string], SessionRow>(text.session)
  const rename = writer.prepare<[string, string, string], UserRow>(text.rename)
  const addProduct = writer.prepare<(string | number)[], ProductRow>(text.addProduct)
  const addUser = writer.prepare<string[], UserRow>(text.addUser)
  return {
    list: (limit) => list.all(limit),
    bySlug: (slug) => bySlug.get(slug),
    session: (id) => session.get(id),
    rename: (id, name, now) => rename.get(name, now, id),
    addProduct: (values) => addProduct.get(...values),
    addUser: (values) => addUser.get(...values),
  }
}
