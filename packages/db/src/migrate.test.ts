import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { createDb, readRows } from './database.ts'
import { MigrationError } from './errors.ts'
import { type Migrations, migrate, rollback } from './migrate.ts'
import { schemaOf } from './schema.ts'
import { testDatabase, testDatabaseUrl, testEngine } from './testing.ts'

const shop: Migrations = {
  '20260101T0000_create_brands': {
    up: ({ schema, type }) =>
      schema
        .createTable('brands')
        .addColumn('id', type.id, (column) => column.primaryKey())
        .addColumn('name', type.text, (column) => column.notNull().unique())
        .execute(),
    down: ({ schema }) => schema.dropTable('brands').execute(),
  },
  '20260102T0000_create_products': {
    async up({ schema, type, search }) {
      await schema
        .createTable('products')
        .addColumn('id', type.id, (column) => column.primaryKey())
        .addColumn('brand_id', type.id, (column) => column.references('brands.id').onDelete('set null'))
        .addColumn('name', type.text, (column) => column.notNull())
        .addColumn('search_name', type.text, (column) => column.notNull())
        .addColumn('price', type.bigint, (column) => column.notNull())
        .addColumn('weight', type.real)
        .addColumn('stock', type.integer, (column) => column.notNull().defaultTo(0))
        .addColumn('visible', type.boolean, (column) => column.notNull().defaultTo(false))
        .addColumn('facts', type.json)
        .addColumn('created_at', type.moment, (column) => column.notNull())
        .addColumn('deleted_at', type.moment)
        .addCheckConstraint('products_price_positive', sql`price >= 0`)
        .addCheckConstraint('products_stock_positive', sql`stock >= 0`)
        .execute()
      await schema.createIndex('products_by_price').on('products').columns(['price', 'id']).execute()
      await schema
        .createIndex('products_live')
        .unique()
        .on('products')
        .columns(['brand_id', 'name'])
        .where(sql.ref('deleted_at'), 'is', null)
        .execute()
      await search.create('products', ['search_name'])
    },
    async down({ schema, search }) {
      await search.drop('products')
      await schema.dropTable('products').execute()
    },
  },
  '20260103T0000_create_movements': {
    async up({ schema, type, appendOnly }) {
      await schema
        .createTable('movements')
        .addColumn('product_id', type.id, (column) =>
          column.notNull().references('products.id').onDelete('cascade'),
        )
        .addColumn('number', type.integer, (column) => column.notNull())
        .addPrimaryKeyConstraint('movements_key', ['product_id', 'number'])
        .execute()
      await appendOnly('movements')
    },
    async down({ schema, dropAppendOnly }) {
      await dropAppendOnly('movements')
      await schema.dropTable('movements').execute()
    },
  },
}

const names = Object.keys(shop)
const blank = () => testDatabase({})

describe('migrating', () => {
  test('up, down and up again ends in the same schema, and down ends in an empty one', async () => {
    await using db = await blank()
    expect(await migrate(db, shop)).toEqual(names)
    const first = await schemaOf(db)
    expect(first.map(({ name }) => name)).toEqual(['brands', 'movements', 'products'])
    expect(await rollback(db, shop, 'all')).toEqual(names.toReversed())
    expect(await schemaOf(db)).toEqual([])
    expect(await migrate(db, shop)).toEqual(names)
    expect(await schemaOf(db)).toEqual(first)
  })

  test('one step down and up again ends in the same schema, at each step', async () => {
    await using db = await blank()
    for (const name of names) {
      await migrate(db, shop, name)
      const schema = await schemaOf(db)
      expect(await rollback(db, shop)).toEqual([name])
      expect(await migrate(db, shop, name)).toEqual([name])
      expect(await schemaOf(db)).toEqual(schema)
    }
  })

  test('a second time does nothing', async () => {
    await using db = await testDatabase(shop)
    expect(await migrate(db, shop)).toEqual([])
  })

  test('to a name stops there', async () => {
    await using db = await blank()
    expect(await migrate(db, shop, names[1])).toEqual(names.slice(0, 2))
    await expect(migrate(db, shop, '20990101T0000_nothing')).rejects.toThrow(MigrationError)
  })

  test('that fails half-way keeps nothing of the whole run, and names the migration', async () => {
    await using db = await blank()
    const broken: Migrations = {
      ...shop,
      '20260104T0000_break': {
        async up({ schema, type }) {
          await schema.createTable('half').addColumn('id', type.id).execute()
          throw new Error('no further')
        },
        down: () => Promise.resolve(),
      },
    }
    await expect(migrate(db, broken)).rejects.toThrow("migration '20260104T0000_break' failed: no further")
    expect(await schemaOf(db)).toEqual([])
    expect(await migrate(db, shop)).toEqual(names)
  })

  test('a database that is newer than the program is refused and left as it is', async () => {
    await using db = await testDatabase(shop)
    const older = Object.fromEntries(Object.entries(shop).slice(0, 2))
    await expect(migrate(db, older)).rejects.toThrow(names[2])
    await expect(rollback(db, older)).rejects.toThrow(MigrationError)
    expect(await schemaOf(db)).toHaveLength(3)
  })

  test('a migration that is older than the last one applied is refused', async () => {
    await using db = await testDatabase(shop)
    const late = {
      ...shop,
      '20260101T1200_late': { up: () => Promise.resolve(), down: () => Promise.resolve() },
    }
    await expect(migrate(db, late)).rejects.toThrow('20260101T1200_late')
  })

  test('a name that does not sort by time is refused', async () => {
    await using db = await blank()
    const odd = { first: { up: () => Promise.resolve(), down: () => Promise.resolve() } }
    await expect(migrate(db, odd)).rejects.toThrow(MigrationError)
  })

  test('processes that start together apply each migration once', async () => {
    const { url, dispose } = await testDatabaseUrl({})
    const two = await Promise.all([createDb({ url }), createDb({ url })])
    const applied = await Promise.all(two.map((db) => migrate(db, shop)))
    expect(applied.flat().sort()).toEqual(names)
    await Promise.all(two.map((db) => db.close()))
    await dispose()
  })

  test('a table can be rebuilt without losing the rows that refer to it', async () => {
    await using db = await testDatabase<{ brands: { id: string; name: string } }>(shop)
    await db.transaction(async (trx) => {
      await sql`insert into brands values ('b', 'Acme')`.execute(trx)
      await sql`insert into products (id, brand_id, name, search_name, price, created_at)
        values ('p', 'b', 'Anvil', 'anvil', 1, '2026-01-01T00:00:00.000Z')`.execute(trx)
    })
    const rebuild: Migrations = {
      ...shop,
      '20260105T0000_grow_brands': {
        up: async ({ schema, type }) => {
          await schema.alterTable('brands').addColumn('country', type.text).execute()
        },
        down: ({ schema }) => schema.alterTable('brands').dropColumn('country').execute(),
      },
    }
    const query = () =>
      readRows(db.read, sql`select b.*, p.id as product from brands b join products p on p.brand_id = b.id`)
    for (let turn = 0; turn < 3; turn += 1) await query()
    await migrate(db, rebuild)
    expect(await query()).toEqual([{ id: 'b', name: 'Acme', country: null, product: 'p' }])
    await rollback(db, rebuild)
    expect(await query()).toEqual([{ id: 'b', name: 'Acme', product: 'p' }])
  })
})

test('the schema is described in words that say what it promises', async () => {
  await using db = await testDatabase(shop)
  const [brands, movements, products] = await schemaOf(db)
  expect(brands).toEqual({
    name: 'brands',
    columns: [
      { name: 'id', kind: 'text', nullable: false },
      { name: 'name', kind: 'text', nullable: false },
    ],
    primaryKey: ['id'],
    indexes: [{ columns: ['name'], unique: true, partial: false }],
    foreignKeys: [],
    checks: [],
    search: [],
    appendOnly: false,
  })
  expect(movements).toMatchObject({
    primaryKey: ['product_id', 'number'],
    foreignKeys: [{ columns: ['product_id'], table: 'products', targets: ['id'], onDelete: 'cascade' }],
    appendOnly: true,
  })
  expect(products).toMatchObject({
    checks: ['products_price_positive', 'products_stock_positive'],
    search: ['search_name'],
    indexes: [
      { columns: ['brand_id', 'name'], unique: true, partial: true },
      { columns: ['price', 'id'], unique: false, partial: false },
    ],
  })
  expect(products?.columns.map(({ kind, nullable }) => `${kind}${nullable ? '?' : ''}`)).toEqual(
    'text text? text text bigint real? integer boolean json? moment moment?'.split(' '),
  )
})

test('both engines end in the same schema', async () => {
  await using own = await testDatabase(shop)
  // The run for Postgres opens the other engine beside it; the one for SQLite needs no server.
  await using sqlite = await testDatabase(shop, { engine: 'sqlite' })
  expect(own.engine).toBe(testEngine())
  expect(await schemaOf(own)).toEqual(await schemaOf(sqlite))
})

test('an append-only table lets those rows go that lie before what is kept, and no other', async () => {
  await using db = await testDatabase<{
    entries: { id: string; at: string }
    retentions: { table_name: string; kept_since: string }
  }>({
    '20260104T0000_create_entries': {
      async up({ schema, type, appendOnly }) {
        await schema
          .createTable('retentions')
          .addColumn('table_name', type.text, (column) => column.primaryKey())
          .addColumn('kept_since', type.moment)
          .execute()
        await schema
          .createTable('entries')
          .addColumn('id', type.id, (column) => column.primaryKey())
          .addColumn('at', type.moment)
          .execute()
        await appendOnly('entries', { moment: 'at', retentions: 'retentions' })
      },
      async down({ schema, dropAppendOnly }) {
        await dropAppendOnly('entries')
        await schema.dropTable('entries').execute()
        await schema.dropTable('retentions').execute()
      },
    },
  })
  const days = [1, 2, 3].map((day) => `2026-01-0${day}T00:00:00.000Z`)
  await db.transaction((trx) =>
    trx
      .insertInto('entries')
      .values(days.map((at, index) => ({ id: `e${index}`, at })))
      .execute(),
  )
  const remove = (id: string) =>
    db.transaction((trx) => trx.deleteFrom('entries').where('id', '=', id).execute())
  await expect(remove('e0')).rejects.toThrow('append-only')
  await db.transaction((trx) =>
    trx
      .insertInto('retentions')
      .values({ table_name: 'entries', kept_since: days[1] ?? '' })
      .execute(),
  )
  await remove('e0')
  await expect(remove('e1')).rejects.toThrow('append-only')
  const changed = db.transaction((trx) =>
    trx
      .updateTable('entries')
      .set({ at: days[0] ?? '' })
      .execute(),
  )
  await expect(changed).rejects.toThrow('append-only')
  expect(await db.read.selectFrom('entries').select('id').orderBy('id').execute()).toEqual([
    { id: 'e1' },
    { id: 'e2' },
  ])
  const [entries] = await schemaOf(db)
  expect(entries).toMatchObject({ name: 'entries', appendOnly: true })
})
