import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Database, WriteDb } from './database.ts'
import { savepoint } from './database.ts'
import type { Migrations } from './migrate.ts'
import { testDatabase } from './testing.ts'
import { violation } from './violations.ts'

interface Tables {
  owners: { id: string; email: string; tenant: string }
  pets: { id: string; owner_id: string; name: string; legs: number }
  log: { id: string; line: string }
}

const migrations: Migrations = {
  '20260101T0000_create_pets': {
    async up({ schema, type, appendOnly }) {
      await schema
        .createTable('owners')
        .addColumn('id', type.id, (column) => column.primaryKey())
        .addColumn('email', type.text, (column) => column.notNull())
        .addColumn('tenant', type.text, (column) => column.notNull())
        .addUniqueConstraint('owners_email_unique', ['tenant', 'email'])
        .execute()
      await schema
        .createTable('pets')
        .addColumn('id', type.id, (column) => column.primaryKey())
        .addColumn('owner_id', type.id, (column) =>
          column.notNull().references('owners.id').onDelete('restrict'),
        )
        .addColumn('name', type.text, (column) => column.notNull())
        .addColumn('legs', type.integer, (column) => column.notNull())
        .addCheckConstraint('pets_legs_positive', sql`legs >= 0`)
        .execute()
      await schema
        .createTable('log')
        .addColumn('id', type.id, (column) => column.primaryKey())
        .addColumn('line', type.text)
        .execute()
      await appendOnly('log')
    },
    async down({ schema, dropAppendOnly }) {
      await dropAppendOnly('log')
      for (const table of ['log', 'pets', 'owners']) await schema.dropTable(table).execute()
    },
  },
}

const owner = { id: 'o1', email: 'a@example.org', tenant: 't' }
const pet = { id: 'p1', owner_id: 'o1', name: 'Rex', legs: 4 }

const filled = async () => {
  const db = await testDatabase<Tables>(migrations)
  await db.transaction(async (trx) => {
    await trx.insertInto('owners').values(owner).execute()
    await trx.insertInto('pets').values(pet).execute()
    await trx.insertInto('log').values({ id: 'l1', line: 'one' }).execute()
  })
  return db
}

const refusal = async (db: Database<Tables>, work: (trx: WriteDb<Tables>) => Promise<unknown>) =>
  violation(
    await db.transaction(work).then(
      () => null,
      (error: unknown) => error,
    ),
  )

test('a second row with the same unique values names its table and columns', async () => {
  await using db = await filled()
  const found = await refusal(db, (trx) =>
    trx
      .insertInto('owners')
      .values({ ...owner, id: 'o2' })
      .execute(),
  )
  expect(found).toMatchObject({ kind: 'unique', table: 'owners', columns: ['tenant', 'email'] })
})

test('a second row with the same primary key is a unique violation', async () => {
  await using db = await filled()
  const found = await refusal(db, (trx) => trx.insertInto('pets').values(pet).execute())
  expect(found).toMatchObject({ kind: 'unique', table: 'pets', columns: ['id'] })
})

test('a reference to a row that is not there is refused', async () => {
  await using db = await filled()
  const found = await refusal(db, (trx) =>
    trx
      .insertInto('pets')
      .values({ ...pet, id: 'p2', owner_id: 'nobody' })
      .execute(),
  )
  expect(found).toMatchObject({ kind: 'foreign-key' })
})

test('a row that others refer to stays', async () => {
  await using db = await filled()
  const found = await refusal(db, (trx) => trx.deleteFrom('owners').execute())
  expect(found).toMatchObject({ kind: 'foreign-key' })
  expect(await db.read.selectFrom('owners').selectAll().execute()).toEqual([owner])
})

test('a value outside its check is refused by the name of the check', async () => {
  await using db = await filled()
  const found = await refusal(db, (trx) => trx.updateTable('pets').set({ legs: -1 }).execute())
  expect(found).toMatchObject({ kind: 'check', constraint: 'pets_legs_positive' })
})

test('null where a value must be is refused by the name of the column', async () => {
  await using db = await filled()
  const found = await refusal(db, (trx) => sql`update pets set name = null`.execute(trx))
  expect(found).toMatchObject({ kind: 'not-null', table: 'pets', columns: ['name'] })
})

test('NUL in a text is a violation, not a crash', async () => {
  await using db = await filled()
  const found = await refusal(db, (trx) => trx.updateTable('pets').set({ name: '\0' }).execute())
  expect(found).toMatchObject({ kind: 'invalid-text' })
})

test.each(['update log set line = null', 'delete from log'])(
  'an append-only table refuses: %s',
  async (text) => {
    await using db = await filled()
    const found = await refusal(db, (trx) => sql.raw(text).execute(trx))
    expect(found).toMatchObject({ kind: 'check', constraint: 'log_append_only', table: 'log' })
    expect(await db.read.selectFrom('log').selectAll().execute()).toEqual([{ id: 'l1', line: 'one' }])
  },
)

test('an append-only table takes new rows', async () => {
  await using db = await filled()
  await db.transaction((trx) => trx.insertInto('log').values({ id: 'l2', line: 'two' }).execute())
  expect(await db.read.selectFrom('log').selectAll().execute()).toHaveLength(2)
})

test('an error that is no violation is told apart', async () => {
  await using db = await filled()
  expect(await refusal(db, (trx) => sql`select nonsense`.execute(trx))).toBeNull()
  expect(violation('no error at all')).toBeNull()
})

test('a violation is recognised behind an error that carries it as its cause', async () => {
  await using db = await filled()
  const found = await refusal(db, async (trx) => {
    const failure = await trx
      .insertInto('pets')
      .values(pet)
      .execute()
      .catch((cause: unknown) => cause)
    throw new Error('could not adopt', { cause: failure })
  })
  expect(found).toMatchObject({ kind: 'unique', table: 'pets' })
})

test('a failure inside a savepoint leaves the rest of the transaction in force', async () => {
  await using db = await filled()
  const found = await db.transaction(async (trx) => {
    await trx
      .insertInto('pets')
      .values({ ...pet, id: 'p2' })
      .execute()
    const failure = await savepoint(trx, () => trx.insertInto('pets').values(pet).execute()).catch(
      (error: unknown) => error,
    )
    await trx
      .insertInto('pets')
      .values({ ...pet, id: 'p3' })
      .execute()
    return violation(failure)
  })
  expect(found).toMatchObject({ kind: 'unique' })
  const read = await db.read.selectFrom('pets').select('id').orderBy('id').execute()
  expect(read.map(({ id }) => id)).toEqual(['p1', 'p2', 'p3'])
})
