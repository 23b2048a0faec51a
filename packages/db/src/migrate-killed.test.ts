import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { createDb } from './database.ts'
import { type Migrations, migrate } from './migrate.ts'
import { schemaOf } from './schema.ts'
import { counterMigrations } from './testing/counters.ts'
import { testDatabaseUrl } from './testing.ts'

// Changes a table that is there, makes another, fills it, and then never ends.
const HANGING = (url: string) => `
  import { createDb, migrate } from '${new URL('index.ts', import.meta.url).href}'
  const db = await createDb({ url: '${url}' })
  const up = async ({ schema, type, db }) => {
    await schema.alterTable('counters').addColumn('color', type.text).execute()
    await schema.createTable('half').addColumn('id', type.id, (column) => column.primaryKey()).execute()
    for (let id = 0; id < 500; id += 1) await db.insertInto('half').values({ id: String(id) }).execute()
    await db.deleteFrom('counters').execute()
    console.log('half way')
    await new Promise((resolve) => setTimeout(resolve, 600_000))
  }
  const applied = Object.fromEntries(${JSON.stringify(Object.keys(counterMigrations))}.map((name) => [name, { up, down: up }]))
  await migrate(db, { ...applied, '20990101T0000_never_ends': { up, down: up } })
`

test('a migration that is killed half way leaves the database as it was, and the next start goes on', async () => {
  const { url, dispose } = await testDatabaseUrl(counterMigrations)
  const db = await createDb<{ counters: { id: string; count: number } }>({ url })
  try {
    await db.transaction((trx) => trx.insertInto('counters').values({ id: 'a', count: 1 }).execute())
    const before = await schemaOf(db)
    const child = spawn(process.execPath, ['--input-type=module', '-e', HANGING(url)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = once(child, 'exit')
    const [first] = (await Promise.race([once(child.stdout, 'data'), ended])) as [unknown]
    expect(String(first)).toBe('half way\n')
    child.kill('SIGKILL')
    await ended

    const next: Migrations = {
      ...counterMigrations,
      '20990101T0001_goes_on': {
        up: ({ schema, type }) => schema.alterTable('counters').addColumn('color', type.text).execute(),
        down: ({ schema }) => schema.alterTable('counters').dropColumn('color').execute(),
      },
    }
    expect(await schemaOf(db)).toEqual(before)
    expect(await db.read.selectFrom('counters').selectAll().execute()).toEqual([{ id: 'a', count: 1 }])
    expect(await migrate(db, next)).toEqual(['20990101T0001_goes_on'])
  } finally {
    await db.close()
    await dispose()
  }
})
