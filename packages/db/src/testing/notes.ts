import type { Database } from '../database.ts'
import type { Migrations } from '../migrate.ts'
import { json } from '../parameters.ts'

/** Tables of every kind of column: a tree that refers to itself, full text, and one that rows are only added to. */
export interface NoteTables {
  folders: { id: string; parent_id: string | null; words: string }
  notes: {
    id: string
    folder_id: string
    body: unknown
    extra: unknown
    done: boolean
    size: number
    weight: number | null
    at: string
  }
  log: { id: string }
}

/** The tables as they were first. */
export const earlyNotes: Migrations = {
  '20260101T0000_create_folders': {
    async up({ schema, type, search, db }) {
      await schema
        .createTable('folders')
        .addColumn('id', type.id, (column) => column.primaryKey())
        .addColumn('parent_id', type.id, (column) => column.references('folders.id').onDelete('restrict'))
        .addColumn('words', type.text, (column) => column.notNull())
        .execute()
      await search.create('folders', ['words'])
      // A row that the schema itself brings must not be in the way of those of a backup.
      await db.insertInto('folders').values({ id: 'root', parent_id: null, words: 'seed' }).execute()
    },
    async down({ schema, search }) {
      await search.drop('folders')
      await schema.dropTable('folders').execute()
    },
  },
  '20260101T0001_create_notes': {
    async up({ schema, type, appendOnly }) {
      await schema
        .createTable('notes')
        .addColumn('id', type.id, (column) => column.primaryKey())
        .addColumn('folder_id', type.id, (column) =>
          column.notNull().references('folders.id').onDelete('cascade'),
        )
        .addColumn('body', type.json)
        .addColumn('extra', type.json, (column) => column.notNull())
        .addColumn('done', type.boolean, (column) => column.notNull())
        .addColumn('size', type.bigint, (column) => column.notNull())
        .addColumn('weight', type.real)
        .addColumn('at', type.moment, (column) => column.notNull())
        .execute()
      await schema
        .createTable('log')
        .addColumn('id', type.id, (column) => column.primaryKey())
        .execute()
      await appendOnly('log')
    },
    async down({ schema, dropAppendOnly }) {
      await dropAppendOnly('log')
      await schema.dropTable('log').execute()
      await schema.dropTable('notes').execute()
    },
  },
}

/** The tables as they are now. */
export const noteMigrations: Migrations = {
  ...earlyNotes,
  '20260102T0000_add_color': {
    up: ({ schema, type }) =>
      schema
        .alterTable('folders')
        .addColumn('color', type.text, (column) => column.notNull().defaultTo('red'))
        .execute(),
    down: ({ schema }) => schema.alterTable('folders').dropColumn('color').execute(),
  },
}

/** How many notes {@link fillNotes} writes: more than a backup reads at once. */
export const NOTES = 1200

/** Fills the tables with values that are easily lost on the way. */
export const fillNotes = (db: Database<NoteTables>) =>
  db.transaction(async (trx) => {
    await trx
      .insertInto('folders')
      .values([
        // A child whose key comes before its parent's, so that the order of the rows is the wrong one.
        { id: 'b', parent_id: 'root', words: 'line\u2028separator' },
        { id: 'a', parent_id: 'b', words: 'zebra' },
      ])
      .execute()
    const rows = Array.from({ length: NOTES }, (_, index) => ({
      id: `n${String(index).padStart(5, '0')}`,
      folder_id: index % 2 ? 'a' : 'b',
      body: index % 3 ? { z: 1, a: [index, null, { y: 'ß', b: 2 }] } : null,
      extra: json(index % 2 ? null : 'a text'),
      done: index % 2 === 0,
      size: Number.MAX_SAFE_INTEGER - index,
      weight: index % 5 ? index / 7 : null,
      at: new Date(Date.UTC(2026, 0, 1) + index).toISOString(),
    }))
    for (let start = 0; start < rows.length; start += 400)
      await trx
        .insertInto('notes')
        .values(rows.slice(start, start + 400))
        .execute()
    await trx
      .insertInto('log')
      .values([{ id: 'one' }, { id: 'two' }])
      .execute()
  })
