import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { readRows } from './database.ts'
import { type Migrations, migrate, rollback } from './migrate.ts'
import { schemaOf } from './schema.ts'
import { testDatabase } from './testing.ts'

const base: Migrations = {
  '20260101T0000_create_brands': {
    async up({ schema, type, appendOnly }) {
      await schema
        .createTable('brands')
        .addColumn('id', type.id, (column) => column.primaryKey())
        .addColumn('note', type.text, (column) => column.notNull().defaultTo('a, (b'))
        .addColumn('state', type.text, (column) => column.notNull())
        .addCheckConstraint('brands_state_check', sql`state in ('on', 'off')`)
        .execute()
      await schema.createIndex('brands_state').on('brands').columns(['state', 'id']).execute()
      await schema
        .createTable('products')
        .addColumn('id', type.id, (column) => column.primaryKey())
        .addColumn('brand_id', type.id, (column) =>
          column.notNull().references('brands.id').onDelete('cascade'),
        )
        .execute()
      await schema.alterTable('brands').addColumn('color', type.text).execute()
      await appendOnly('brands')
    },
    down: async ({ schema, dropAppendOnly }) => {
      await dropAppendOnly('brands')
      await schema.dropTable('products').execute()
      await schema.dropTable('brands').execute()
    },
  },
}

const grown: Migrations = {
  ...base,
  '20260102T0000_more_states': {
    up: ({ changeRules }) =>
      changeRules('brands', {
        drop: ['brands_state_check'],
        add: { brands_state_check: "check (state in ('on', 'off', 'gone, (')) " },
        nullable: ['note'],
        required: ['color'],
      }),
    down: ({ changeRules }) =>
      changeRules('brands', {
        drop: ['brands_state_check'],
        add: { brands_state_check: "check (state in ('on', 'off'))" },
        nullable: ['color'],
        required: ['note'],
      }),
  },
}

const insert = (id: string, state: string, note: string | null, color: string | null) =>
  sql`insert into brands (id, state, note, color) values (${id}, ${state}, ${note}, ${color})`

test('the rules of a table change, and its rows, indexes, triggers and referrers stay', async () => {
  await using db = await testDatabase(base)
  const write = (statement: ReturnType<typeof insert>) => db.transaction((trx) => statement.execute(trx))
  await write(insert('one', 'on', 'note', 'red'))
  await write(sql`insert into products values ('p', 'one')`)
  await expect(write(insert('two', 'gone, (', 'note', 'red'))).rejects.toThrow()
  const before = await schemaOf(db)
  await migrate(db, grown)
  await write(insert('two', 'gone, (', null, 'red'))
  await expect(write(insert('three', 'lost', null, 'red'))).rejects.toThrow()
  await expect(write(insert('three', 'on', null, null))).rejects.toThrow()
  await expect(write(sql`delete from brands`)).rejects.toThrow('append-only')
  await expect(write(sql`insert into products values ('q', 'nobody')`)).rejects.toThrow()
  expect(
    await readRows(
      db.read,
      sql`select b.id, p.id as product from brands b
    left join products p on p.brand_id = b.id order by b.id`,
    ),
  ).toEqual([
    { id: 'one', product: 'p' },
    { id: 'two', product: null },
  ])
  const [brands, products] = await schemaOf(db)
  expect(brands?.indexes).toEqual(before[0]?.indexes)
  expect(products).toEqual(before[1])
})

test('rows that break a new rule fail the migration, which keeps nothing', async () => {
  await using db = await testDatabase(base)
  await db.transaction((trx) => insert('one', 'on', 'note', null).execute(trx))
  const before = await schemaOf(db)
  await expect(migrate(db, grown)).rejects.toThrow('more_states')
  expect(await schemaOf(db)).toEqual(before)
})

test('changed rules are taken back', async () => {
  await using db = await testDatabase(base)
  const before = await schemaOf(db)
  await migrate(db, grown)
  await rollback(db, grown)
  const after = await schemaOf(db)
  expect(after.map(({ checks: _, ...rest }) => rest)).toEqual(before.map(({ checks: _, ...rest }) => rest))
  expect(after[0]?.checks).toHaveLength(1)
})
