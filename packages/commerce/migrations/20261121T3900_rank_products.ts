import type { Migration } from '@plinth/db'
import { type SchemaModule, sql } from 'kysely'

const COLUMNS = ['folded_name', 'folded_description']

// Each held the first two; with the third no row is looked at for it.
const INDEXES = [
  ['products_popularity', ['popularity', 'id', 'folded_name']],
  ['products_folded_name', ['folded_name', 'id', 'popularity']],
] as const

const createIndex = (schema: SchemaModule, name: string, columns: readonly string[]): Promise<void> =>
  schema
    .createIndex(name)
    .on('products')
    .columns([...columns])
    .where(sql.ref('deleted_at'), 'is', null)
    .execute()

/** What a search over very many products sorts by, where it reaches it without looking at the products themselves. */
export const rankProducts: Migration = {
  async up({ schema, search }) {
    await search.drop('products')
    await search.create('products', COLUMNS, { by: 'popularity', until: 'deleted_at' })
    for (const [name, columns] of INDEXES) {
      await schema.dropIndex(name).execute()
      await createIndex(schema, name, columns)
    }
  },
  async down({ schema, search }) {
    for (const [name, columns] of INDEXES) {
      await schema.dropIndex(name).execute()
      await createIndex(schema, name, columns.slice(0, 2))
    }
    await search.drop('products')
    await search.create('products', COLUMNS)
  },
}
