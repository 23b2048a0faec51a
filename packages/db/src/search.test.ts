import { array as arrays, assert, asyncProperty, string as strings } from 'fast-check'
import { type Expression, type SqlBool, sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Database, readRows } from './database.ts'
import { foldName, foldText, searchWords } from './fold.ts'
import type { Migrations } from './migrate.ts'
import { isServerEngine, testDatabase } from './testing.ts'

interface Tables {
  books: { id: string; title: string; search_title: string; search_text: string }
}

const migrations: Migrations = {
  '20260101T0000_create_books': {
    async up({ schema, type, search }) {
      await schema
        .createTable('books')
        .addColumn('id', type.id, (column) => column.primaryKey())
        .addColumn('title', type.text, (column) => column.notNull())
        .addColumn('search_title', type.text, (column) => column.notNull())
        .addColumn('search_text', type.text, (column) => column.notNull())
        .execute()
      await search.create('books', ['search_title', 'search_text'])
    },
    async down({ schema, search }) {
      await search.drop('books')
      await schema.dropTable('books').execute()
    },
  },
}

let db: Database<Tables> & AsyncDisposable
beforeAll(async () => {
  db = await testDatabase<Tables>(migrations)
})
afterAll(() => db[Symbol.asyncDispose]())
beforeEach(() => db.transaction((trx) => trx.deleteFrom('books').execute()))

const add = (id: string, title: string, text = '') =>
  db.transaction((trx) =>
    trx
      .insertInto('books')
      .values({ id, title, search_title: foldText(title), search_text: foldText(text) })
      .execute(),
  )

const where = async (condition: Expression<SqlBool>) => {
  const rows = await db.read.selectFrom('books').select('id').where(condition).orderBy('id').execute()
  return rows.map(({ id }) => id)
}

const find = (text: string, column?: string) =>
  where(db.dialect.matches('books', db.dialect.searchWords(text), column === undefined ? {} : { column }))

describe('a search', () => {
  test('finds words and the beginnings of words, in any order, in any indexed column', async () => {
    await add('1', 'The Blue Train', 'A mystery on rails')
    await add('2', 'Bluebird', 'A novel')
    expect(await find('blue')).toEqual(['1', '2'])
    expect(await find('train blu')).toEqual(['1'])
    expect(await find('rails the')).toEqual(['1'])
    expect(await find('rain')).toEqual([])
    expect(await find('blue novel')).toEqual(['2'])
  })

  test('ignores case and accents, also those that are no combining marks', async () => {
    await add('1', 'Crème Brûlée für Łukasz Ångström')
    for (const text of ['creme brulee', 'CRÈME', 'fur', 'FÜR', 'lukasz', 'angstrom', 'cre\u0300me'])
      expect(await find(text)).toEqual(['1'])
    await add('2', 'Straße ΟΔΟΣ İstanbul Ægir')
    for (const text of ['strasse', 'STRASSE', 'οδος', 'οδοσ', 'istanbul', 'aegir'])
      expect(await find(text)).toEqual(['2'])
  })

  test('finds words of any script and words with digits', async () => {
    await add('1', 'Война и мир 𝒳 4th-edition 1e5 東京タワー')
    for (const text of ['война', 'МИР', '4th', 'edition', '1e5', '東京', 'x'])
      expect(await find(text)).toEqual(['1'])
  })

  test('can be limited to one column', async () => {
    await add('1', 'Apple', 'about pears')
    await add('2', 'Pear', 'about apples')
    expect(await find('app')).toEqual(['1', '2'])
    expect(await find('app', 'search_title')).toEqual(['1'])
    expect(await find('app', 'search_text')).toEqual(['2'])
    expect(await find('apple about', 'search_title')).toEqual([])
  })

  test('without a word finds nothing', async () => {
    await add('1', 'Something')
    expect(await find('')).toEqual([])
    expect(await find(' !?* ')).toEqual([])
  })

  test('follows updates, deletes and changes of the key', async () => {
    await add('1', 'Old name')
    await db.transaction((trx) => trx.updateTable('books').set({ search_title: 'new name' }).execute())
    expect(await find('old')).toEqual([])
    expect(await find('new')).toEqual(['1'])
    await db.transaction((trx) => trx.updateTable('books').set({ id: '9' }).execute())
    expect(await find('new')).toEqual(['9'])
    await db.transaction((trx) => trx.deleteFrom('books').execute())
    expect(await find('new')).toEqual([])
  })

  test('sees what a rolled back transaction did not keep no more', async () => {
    await add('1', 'Kept')
    const undone = db.transaction(async (trx) => {
      await trx.updateTable('books').set({ search_title: 'gone' }).execute()
      throw new Error('undo')
    })
    await expect(undone).rejects.toThrow('undo')
    expect(await find('gone')).toEqual([])
    expect(await find('kept')).toEqual(['1'])
  })

  test('works through an alias, and uses its index', async () => {
    await add('1', 'Aliased')
    const query = db.read
      .selectFrom('books as b')
      .select('b.id')
      .where(db.dialect.matches('books', ['alias'], { alias: 'b' }))
    expect(await query.execute()).toEqual([{ id: '1' }])
    expect((await db.dialect.explain(db.read, query)).scans).toEqual([])
  })

  test('led by any of its words finds what it finds without', async () => {
    await add('1', 'blue train', 'a mystery on rails')
    await add('2', 'bluebird', 'a train of thought')
    await add('3', 'green train', 'a novel')
    const columns = ['search_title', 'search_text']
    for (const word of ['blue', 'trai']) {
      const lead = { word, columns }
      const found = (options: { column?: string; alias?: string }) =>
        where(db.dialect.matches('books', ['blue', 'trai'], { ...options, lead }))
      expect(await found({})).toEqual(['1', '2'])
      expect(await found({ column: 'search_title' })).toEqual(['1'])
      expect(await where(db.dialect.matches('books', [word], { lead }))).toEqual(await find(word))
      const aliased = db.read
        .selectFrom('books as b')
        .select('b.id')
        .where(db.dialect.matches('books', ['blue', 'trai'], { alias: 'b', column: 'search_title', lead }))
      expect(await aliased.execute()).toEqual([{ id: '1' }])
    }
  })

  test('is led by its rarest word on a server, where that is rare enough', async () => {
    await db.transaction(async (trx) => {
      const rows = Array.from({ length: 500 }, (_, at) => ({
        id: String(at),
        title: '',
        search_title: at % 100 === 0 ? 'common rare' : 'common',
        // Postgres estimates beginnings only where its statistics hold a hundred words.
        search_text: `${at % 10 === 0 ? 'scarce' : ''} other${at % 120}`,
      }))
      await trx.insertInto('books').values(rows).execute()
      await sql`analyze`.execute(trx)
    })
    const rareWord = (words: readonly string[], most: number) =>
      db.dialect.rareWord(db.read, 'books', words, { most })
    const onServer = <T>(value: T) => (isServerEngine() ? value : undefined)
    expect(await rareWord(['common', 'rare', 'scarce'], 100)).toBe(onServer('rare'))
    expect(await rareWord(['common', 'scarce'], 100)).toBe(onServer('scarce'))
    expect(await rareWord(['common', 'scarce'], 20)).toBeUndefined()
    expect(await rareWord(['rare'], 100)).toBeUndefined()
    expect(await rareWord([], 100)).toBeUndefined()
  })

  test('takes words literally: no operator of any engine is reachable', async () => {
    await add('1', 'quote near and not or')
    for (const word of ['"', "'", "a' | 'b", 'x" OR "quote', '*', '\\', 'search_title:quote'])
      expect(await where(db.dialect.matches('books', [word]))).toEqual([])
    for (const word of ['NEAR(', "quote':*", '-quote', '^quote', 'near* "or"'])
      expect(await where(db.dialect.matches('books', [word]))).toEqual(['1'])
    for (const word of ['and', 'not', 'or', 'near']) expect(await find(word)).toEqual(['1'])
  })

  test('does not find a row by the name of its column', async () => {
    await add('1', '')
    await add('2', 'plain')
    for (const word of ['s', 'search', 'search_title', 'search title']) expect(await find(word)).toEqual([])
    expect(await find('plain')).toEqual(['2'])
  })

  test('never fails, and matches exactly the rows whose words start with every searched word', async () => {
    const texts = arrays(strings({ unit: 'grapheme', maxLength: 12 }), { minLength: 1, maxLength: 5 })
    await assert(
      asyncProperty(texts, strings({ unit: 'grapheme', maxLength: 4 }), async (titles, search) => {
        await db.transaction(async (trx) => {
          await trx.deleteFrom('books').execute()
          await trx
            .insertInto('books')
            .values(
              titles.map((title, at) => ({
                id: `${at}`,
                title: '',
                search_title: foldText(title),
                search_text: '',
              })),
            )
            .execute()
        })
        const words = searchWords(search)
        const expected = titles.flatMap((title, at) => {
          const own = searchWords(title)
          return words.length > 0 && words.every((word) => own.some((other) => other.startsWith(word)))
            ? [String(at)]
            : []
        })
        expect(await find(search)).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  })
})

test('a very long word is cut alike when it is stored and when it is searched', async () => {
  await add('1', 'x'.repeat(500))
  expect(await find('x'.repeat(400))).toEqual(['1'])
})

test('a search takes at most sixty-four distinct words', () => {
  expect(searchWords(Array.from({ length: 200 }, (_, at) => `w${at} w${at}`).join(' '))).toHaveLength(64)
})

test('a plan names the tables that are read in full', async () => {
  const all = db.read.selectFrom('books as b').selectAll().where('b.title', 'like', '%x%')
  const byKey = db.read.selectFrom('books').selectAll().where('id', '=', '1')
  expect((await db.dialect.explain(db.read, all)).scans).toEqual(['books'])
  expect((await db.dialect.explain(db.read, byKey)).scans).toEqual([])
  expect(await readRows(db.read, sql`select 1 as one`)).toEqual([{ one: 1 }])
})

test('a name is cut where it would fit into no index, and never in the middle of a character', () => {
  expect(foldName('Crème Brûlée')).toBe('creme brulee')
  const folded = foldName(`${'\u{5b57}'.repeat(60)} `.repeat(20))
  expect(Buffer.byteLength(folded)).toBeLessThanOrEqual(1000)
  expect(Buffer.byteLength(folded)).toBeGreaterThan(900)
  expect(folded).not.toContain('\u{fffd}')
})
