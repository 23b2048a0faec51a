import BetterSqlite3 from 'better-sqlite3'
import pg from 'pg'
import { expect, test } from 'vitest'
import { createDb } from './database.ts'
import type { Migrations } from './migrate.ts'
import { orphansOf } from './orphans.ts'
import { testDatabaseUrl, testEngine } from './testing.ts'

const migrations: Migrations = {
  '20260101T0000_create_trees': {
    async up({ schema, type }) {
      await schema
        .createTable('trees')
        .addColumn('id', type.id, (column) => column.primaryKey())
        .execute()
      await schema
        .createTable('leaves')
        .addColumn('id', type.id, (column) => column.primaryKey())
        .addColumn('tree_id', type.id, (column) => column.references('trees.id'))
        .execute()
    },
    async down({ schema }) {
      await schema.dropTable('leaves').execute()
      await schema.dropTable('trees').execute()
    },
  },
}

/** Deletes past the guard of the engine, as tools for repair do. */
const deleteUnguarded = async (url: string, statement: string): Promise<void> => {
  if (testEngine() === 'sqlite') {
    const file = new BetterSqlite3(url.slice('sqlite:'.length))
    file.pragma('foreign_keys = OFF')
    file.exec(statement)
    file.close()
    return
  }
  const client = new pg.Client(url)
  await client.connect()
  await client.query(`set session_replication_role = replica; ${statement}`)
  await client.end()
}

test('rows whose reference leads nowhere are found and named, at most as many as asked for', async () => {
  const { url, dispose } = await testDatabaseUrl(migrations)
  const db = await createDb<{ trees: { id: string }; leaves: { id: string; tree_id: string | null } }>({
    url,
  })
  try {
    await db.transaction(async (trx) => {
      await trx
        .insertInto('trees')
        .values([{ id: 'oak' }, { id: 'elm' }])
        .execute()
      const leaves = ['a', 'b', 'c'].map((id) => ({ id, tree_id: 'oak' }))
      await trx
        .insertInto('leaves')
        .values([...leaves, { id: 'd', tree_id: 'elm' }, { id: 'e', tree_id: null }])
        .execute()
    })
    expect(await orphansOf(db, 10)).toEqual([])
    await deleteUnguarded(url, "delete from trees where id = 'oak'")
    const all = ['a', 'b', 'c'].map((id) => ({
      table: 'leaves',
      row: `id=${id}`,
      missing: 'tree_id=oak of trees',
    }))
    expect(await orphansOf(db, 10)).toEqual(all)
    expect(await orphansOf(db, 2)).toHaveLength(2)
  } finally {
    await db.close()
    await dispose()
  }
})
