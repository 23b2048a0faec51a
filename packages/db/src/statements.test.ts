import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import type { QueryEvent } from './config.ts'
import { readRows } from './database.ts'
import { createCosts, shapeOf } from './statements.ts'
import { type CounterTables, counterMigrations } from './testing/counters.ts'
import { testDatabase } from './testing.ts'

const open = (options: Parameters<typeof testDatabase>[1] = {}) =>
  testDatabase<CounterTables>(counterMigrations, options)

test('statements that differ only in how long their lists are have one shape', () => {
  const shape = 'select * from t where id in (…) and n = $9'
  expect(shapeOf('select * from t where id in ($1, $2) and n = $9')).toBe(shape)
  expect(shapeOf('select * from t where id in ($1, $2, $3, $4) and n = $9')).toBe(shape)
  expect(shapeOf('insert into t (a, b) values (?, ?), (?, ?)')).toBe(
    shapeOf('insert into t (a, b) values (?, ?)'),
  )
  expect(shapeOf('select "a, b" from t where a = ?')).toBe('select "a, b" from t where a = ?')
})

test('the table of costs is bounded and keeps what costs most', () => {
  const costs = createCosts(10)
  for (let at = 0; at < 1000; at += 1) costs.record(`cheap ${at}`, 1, 0, false)
  costs.record('dear', 500, 3, false)
  costs.record('dear', 700, 4, true)
  for (let at = 0; at < 1000; at += 1) costs.record(`more ${at}`, 2, 0, false)
  const [first, ...rest] = costs.slowest(1000)
  expect(first).toEqual({ sql: 'dear', calls: 2, errors: 1, rows: 7, totalMs: 1200, maxMs: 700 })
  expect(rest.length).toBeLessThan(10)
  expect(rest.map(({ totalMs }) => totalMs)).toEqual(
    rest.map(({ totalMs }) => totalMs).toSorted((a, b) => b - a),
  )
})

describe('statements', () => {
  test('are reported with their text, role, duration and rows, and never with values', async () => {
    const events: QueryEvent[] = []
    await using db = await open({ hooks: { onQuery: (event) => events.push(event) } })
    await db.transaction((trx) => trx.insertInto('counters').values({ id: 'secret', count: 0 }).execute())
    await db.read.selectFrom('counters').select('id').where('id', '=', 'secret').execute()
    const roles = events
      .filter(({ sql: text }) => text.includes('counters'))
      .map(({ role, rows }) => [role, rows])
    expect(roles).toEqual([
      ['write', 0],
      ['read', 1],
    ])
    expect(events.every(({ durationMs }) => durationMs >= 0)).toBe(true)
    expect(JSON.stringify(events)).not.toContain('secret')
  })

  test('are reported with the error when they fail', async () => {
    const events: QueryEvent[] = []
    await using db = await open({ hooks: { onQuery: (event) => events.push(event) } })
    await expect(readRows(db.read, sql`select nonsense`)).rejects.toThrow()
    expect(events.at(-1)).toMatchObject({ sql: 'select nonsense', rows: 0 })
    expect(events.at(-1)?.error).toBeInstanceOf(Error)
  })

  test('over the threshold are reported as slow, others are not', async () => {
    const slow: string[] = []
    const hooks = { onSlowQuery: ({ sql: text }: QueryEvent) => slow.push(text) }
    await using quick = await open({ slowQueryMs: 60_000, hooks })
    await quick.ping()
    expect(slow).toEqual([])
    await using patient = await open({ slowQueryMs: 0, hooks })
    await patient.ping()
    expect(slow).toContain('select 1')
  })

  test('are listed by what they cost in total', async () => {
    await using db = await open()
    for (let turn = 0; turn < 3; turn += 1) await db.ping()
    const [found] = db.slowest(100).filter(({ sql: text }) => text === 'select 1')
    expect(found).toMatchObject({ calls: 3, errors: 0, rows: 3 })
    expect(found?.totalMs).toBeGreaterThanOrEqual(found?.maxMs ?? 0)
    db.resetCosts()
    expect(db.slowest()).toEqual([])
  })

  test('are kept prepared, up to a bound', async () => {
    await using db = await open({ pool: { max: 1, readMax: 1 } })
    const before = db.stats().statements.cached
    const query = () => db.read.selectFrom('counters').selectAll().where('count', '>', 0).execute()
    for (let turn = 0; turn < 3; turn += 1) await query()
    expect(db.stats().statements.cached).toBe(before + 1)
    for (let at = 0; at < 1100; at += 1) {
      const text = sql`select ${sql.lit(at)} as n`
      expect(await readRows(db.read, text)).toEqual([{ n: at }])
      if (at % 2 === 0) await readRows(db.read, text)
    }
    expect(db.stats().statements.cached).toBeLessThanOrEqual(1100)
    expect(await query()).toEqual([])
  })
})
