import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Database, readRows } from './database.ts'
import { InvalidTextError, InvalidValueError } from './errors.ts'
import type { Migrations } from './migrate.ts'
import { json } from './parameters.ts'
import { testDatabase } from './testing.ts'

interface Tables {
  kinds: {
    id: string
    text: string | null
    integer: number | null
    bigint: number | null
    real: number | null
    boolean: boolean | null
    json: unknown
    moment: string | Date | null
  }
}

const migrations: Migrations = {
  '20260101T0000_create_kinds': {
    up: ({ schema, type }) =>
      schema
        .createTable('kinds')
        .addColumn('id', type.id, (column) => column.primaryKey())
        .addColumn('text', type.text)
        .addColumn('integer', type.integer)
        .addColumn('bigint', type.bigint)
        .addColumn('real', type.real)
        .addColumn('boolean', type.boolean)
        .addColumn('json', type.json)
        .addColumn('moment', type.moment)
        .execute(),
    down: ({ schema }) => schema.dropTable('kinds').execute(),
  },
}

const empty = { text: null, integer: null, bigint: null, real: null, boolean: null, json: null, moment: null }

let db: Database<Tables> & AsyncDisposable
beforeAll(async () => {
  db = await testDatabase<Tables>(migrations)
})
afterAll(() => db[Symbol.asyncDispose]())

let rows = 0
const store = async (values: Partial<Tables['kinds']>) => {
  rows += 1
  const id = `row-${rows}`
  const returned = await db.transaction((trx) =>
    trx
      .insertInto('kinds')
      .values({ ...empty, ...values, id })
      .returningAll()
      .executeTakeFirstOrThrow(),
  )
  const read = await db.read.selectFrom('kinds').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  expect(returned).toEqual(read)
  return read
}

const kept: readonly [keyof Tables['kinds'], string, unknown][] = [
  ['text', 'nothing', ''],
  ['text', 'an emoji with skin tone and joiners', '👩🏽‍🚀 🏳️‍🌈'],
  ['text', 'composed and decomposed accents', 'é\u0301 e\u0301 Å'],
  ['text', 'quotes, backslashes and line ends', `it's "q" \\ \r\n\t%_$1 ?`],
  ['text', 'a long text', 'ß'.repeat(100_000)],
  ['text', 'digits that are no number', '007'],
  ['text', 'what looks like a moment', '2026-01-01T00:00:00Z'],
  ['integer', 'zero', 0],
  ['integer', 'the greatest of 32 bits', 2_147_483_647],
  ['integer', 'the least of 32 bits', -2_147_483_648],
  ['bigint', '2^53 - 1', Number.MAX_SAFE_INTEGER],
  ['bigint', '-(2^53 - 1)', Number.MIN_SAFE_INTEGER],
  ['bigint', '2^31', 2_147_483_648],
  ['real', 'a tenth', 0.1],
  ['real', 'the least positive number', 5e-324],
  ['real', 'a whole number', 3],
  ['real', 'many digits', 123_456_789.123_456_79],
  ['boolean', 'true', true],
  ['boolean', 'false', false],
  ['json', 'an empty object', {}],
  ['json', 'an empty list', []],
  ['json', 'a nested value', { a: [1, 2.5, null, { b: '👍', c: true }], d: { '': '' } }],
  ['json', 'escapes', { text: 'line\n "quote" \\u0000 \u001f' }],
  ['json', 'great numbers', { n: 1e21, m: 1e-7, max: Number.MAX_SAFE_INTEGER }],
  ['moment', 'the epoch', '1970-01-01T00:00:00.000Z'],
  ['moment', 'whole milliseconds', '2026-11-21T12:34:56.789Z'],
  ['moment', 'trailing zeros', '2026-11-21T12:34:56.120Z'],
  ['moment', 'a last second of a day', '2024-02-29T23:59:59.999Z'],
  ['moment', 'before the epoch', '1899-12-31T23:59:59.001Z'],
  ['moment', 'the hour that a European spring skips', '2026-03-29T01:30:00.000Z'],
  ['moment', 'the hour that an American autumn repeats', '2026-11-01T06:30:00.500Z'],
  ['moment', 'the last year', '9999-12-31T23:59:59.999Z'],
]

describe('a column reads back what was stored', () => {
  test.each(kept)('%s: %s', async (column, _, value) => {
    expect((await store({ [column]: value }))[column]).toEqual(value)
  })

  test('null in every kind', async () => {
    expect(await store({})).toMatchObject(empty)
  })

  test.each([['text'], [12.5], [true], [false], ['007']])('json: the top-level value %j', async (value) => {
    expect((await store({ json: json(value) })).json).toEqual(value)
  })

  test('moment: a Date, to the millisecond', async () => {
    const read = await store({ moment: new Date(Date.UTC(2026, 2, 29, 1, 30, 0, 7)) })
    expect(read.moment).toBe('2026-03-29T01:30:00.007Z')
  })

  test('bigint: a BigInt that is a safe integer', async () => {
    const read = await store({ bigint: 9_007_199_254_740_991n as unknown as number })
    expect(read.bigint).toBe(Number.MAX_SAFE_INTEGER)
  })

  test('a negative zero is zero', async () => {
    expect(await store({ real: -0, integer: -0 })).toMatchObject({ real: 0, integer: 0 })
  })
})

describe('a value that some engine would change or refuse is refused by both', () => {
  test.each<[string, Partial<Tables['kinds']>]>([
    ['NUL in text', { text: 'a\0b' }],
    ['half of a surrogate pair', { text: 'a\ud83d' }],
    ['NUL inside JSON', { json: { deep: ['a\0b'] } }],
    ['NUL as the first character of a JSON text', { json: json('\0') }],
    ['half of a surrogate pair inside JSON', { json: ['\ude00'] }],
  ])('%s', async (_, values) => {
    await expect(store(values)).rejects.toThrow(InvalidTextError)
  })

  test.each<[string, Record<string, unknown>]>([
    ['2^53', { bigint: 2 ** 53 }],
    ['-2^53', { bigint: -(2 ** 53) }],
    ['a BigInt beyond 2^53', { bigint: 2n ** 53n }],
    ['NaN', { real: Number.NaN }],
    ['infinity', { real: Number.POSITIVE_INFINITY }],
    ['an invalid date', { moment: new Date('never') }],
    ['the year 10000', { moment: new Date(Date.UTC(10_000, 0, 1)) }],
    ['a map', { json: new Map() }],
    ['bytes', { text: new Uint8Array(1) }],
    ['a symbol', { text: Symbol('s') }],
  ])('%s', async (_, values) => {
    await expect(store(values as Partial<Tables['kinds']>)).rejects.toThrow(InvalidValueError)
  })

  test('an undefined parameter', async () => {
    await expect(readRows(db.read, sql`select ${undefined} as value`)).rejects.toThrow(InvalidValueError)
  })

  test('an integer beyond 2^53 that is already stored', async () => {
    await db.transaction(async (trx) => {
      await sql`insert into kinds (id, bigint) values ('huge', 9007199254740993)`.execute(trx)
    })
    const query = db.read.selectFrom('kinds').select('bigint').where('id', '=', 'huge')
    await expect(query.execute()).rejects.toThrow(InvalidValueError)
  })
})

describe('what the database works out reads the same', () => {
  test('counts, sums and averages are numbers', async () => {
    await db.transaction(async (trx) => {
      await trx.deleteFrom('kinds').where('text', '=', 'sum').execute()
      for (const [id, bigint] of Object.entries({ s1: 5_000_000_000, s2: 1, s3: 2 }))
        await trx
          .insertInto('kinds')
          .values({ ...empty, id, text: 'sum', bigint, integer: 1 })
          .execute()
    })
    const read = await db.read
      .selectFrom('kinds')
      .select(({ fn }) => [
        fn.countAll<number>().as('count'),
        fn.sum<number>('bigint').as('sum'),
        fn.sum<number>('integer').as('small'),
        fn.avg<number>('integer').as('average'),
        fn.max('bigint').as('most'),
      ])
      .where('text', '=', 'sum')
      .executeTakeFirst()
    expect(read).toEqual({ count: 3, sum: 5_000_000_003, small: 3, average: 1, most: 5_000_000_000 })
  })

  test('text sorts by code point and compares by case', async () => {
    const texts = ['a', 'Z', 'ä', 'z', '😀', '', 'A', 'aa', '~', 'é']
    await db.transaction(async (trx) => {
      for (const [at, text] of texts.entries())
        await trx
          .insertInto('kinds')
          .values({ ...empty, id: `sort-${at}`, text })
          .execute()
    })
    const read = await db.read
      .selectFrom('kinds')
      .select('text')
      .where('id', 'like', 'sort-%')
      .orderBy('text')
      .execute()
    expect(read.map(({ text }) => text)).toEqual(['', 'A', 'Z', 'a', 'aa', 'z', '~', 'ä', 'é', '😀'])
  })

  test('moments compare as moments, whichever form the parameter has', async () => {
    await store({ text: 'compare', moment: '2026-05-05T05:05:05.005Z' })
    const count = async (moment: string | Date) =>
      (
        await db.read
          .selectFrom('kinds')
          .select('id')
          .where('text', '=', 'compare')
          .where('moment', '=', moment)
          .execute()
      ).length
    expect(await count('2026-05-05T05:05:05.005Z')).toBe(1)
    expect(await count(new Date('2026-05-05T05:05:05.005Z'))).toBe(1)
    expect(await count(new Date('2026-05-05T05:05:05.006Z'))).toBe(0)
  })

  test('booleans serve as conditions and parameters', async () => {
    const { id } = await store({ text: 'flag', boolean: true })
    const query = (flag: boolean) =>
      db.read
        .selectFrom('kinds')
        .select('id')
        .where('text', '=', 'flag')
        .where('boolean', '=', flag)
        .execute()
    expect(await query(true)).toEqual([{ id }])
    expect(await query(false)).toEqual([])
  })

  test('a stream that is left early lets the next one of its transaction begin', async () => {
    for (const text of ['one', 'two', 'three']) await store({ text })
    const seen = await db.transaction(async (trx) => {
      const firsts: unknown[] = []
      for (let turn = 0; turn < 2; turn += 1)
        for await (const row of trx.selectFrom('kinds').select('id').orderBy('id').stream(1)) {
          firsts.push(row)
          break
        }
      return firsts
    })
    expect(seen).toHaveLength(2)
    expect(seen[0]).toEqual(seen[1])
  })

  test('a stream decodes its rows like a query', async () => {
    const ids: unknown[] = []
    const { id } = await store({ text: 'streamed', json: { a: [1] }, boolean: false })
    for await (const row of db.read.selectFrom('kinds').selectAll().where('id', '=', id).stream(2))
      ids.push(row)
    expect(ids).toEqual([{ ...empty, id, text: 'streamed', json: { a: [1] }, boolean: false }])
  })
})
