import type { Surface } from '@plinth/api'
import { mutation, query } from '@plinth/contract'
import type { ReadDb, WriteDb } from '@plinth/db'
import { type Actor, bind, implementer, type KitTables } from '@plinth/kit'
import { type RawBuilder, sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { readDocument } from '../matrix/document.ts'
import { matrixMigrations } from '../matrix/drive/surface.ts'
import type { Target } from '../matrix/matrix.ts'
import type { Caller } from '../matrix/sample.ts'
import { testServer } from '../test-app.ts'
import { fuzz } from './fuzz.ts'
import { createVocabulary } from './guards.ts'

const Word = z.object({ word: z.string() })
const input = z.strictObject({ word: z.string().max(100) })
const read = (summary: string) => query({ summary, access: 'public', input, output: Word })

/** One procedure that is as it should be, and one for each way to be wrong. */
const words = {
  sound: read('Read a word'),
  injectable: read('Read a word by a statement that it becomes a part of'),
  crashes: read('Read a word unless it holds a quote'),
  echoes: read('Say a word again as it is'),
  destroys: mutation({ summary: 'Forget everything', access: 'public', input, output: Word }),
  silent: read('Read a word, and write one down unseen'),
}
const contract = { demo: { words } }

type Db = ReadDb<KitTables> | WriteDb<KitTables>

const harmless = (word: string): string => word.replaceAll('<', '')

// A read handle and a transaction run statements alike; their types keep a query from writing.
const run = (db: Db, statement: RawBuilder<unknown>) => statement.execute(db as WriteDb<KitTables>)

const handlers = implementer<KitTables>()(words, {
  async sound({ input: { word }, ctx }) {
    await ctx.db.selectFrom('outbox').select('id').where('type', '=', word.replaceAll('\0', '')).execute()
    return { word: harmless(word) }
  },
  async injectable({ input: { word }, ctx }) {
    const statement = sql`select id from outbox where type = '${sql.raw(word)}'`
    // It hides its failures, so that only the statement itself tells.
    await run(ctx.db, statement).catch(() => null)
    return { word: harmless(word) }
  },
  async crashes({ input: { word } }) {
    if (word.includes("'")) throw new Error('quotes are too much for this one')
    return { word: harmless(word) }
  },
  echoes: async ({ input: { word } }) => ({ word }),
  async destroys({ input: { word }, ctx }) {
    if (word.includes("'")) await ctx.db.deleteFrom('outbox').execute()
    return { word: harmless(word) }
  },
  async silent({ input: { word } }) {
    if (word.includes("'")) await remember()
    return { word: harmless(word) }
  },
})

const anybody: Actor = {
  userId: 'usr_1',
  loginId: 'lgn_1',
  role: 'user',
  permissions: new Set(),
  portal: null,
  scopes: null,
  verified: true,
  provenAt: null,
  impersonatedBy: null,
}
const surface: Surface = () => ({
  bound: bind(contract, { demo: { words: handlers } }),
  subscribers: [],
  authenticator: { authenticate: async () => anybody },
})

let target: Target<null, Caller>
let stop: () => Promise<void>
const remember = () =>
  target.server.db.transaction(async (trx) => {
    const id = `evt_${Math.random()}`
    const event = { id, type: 'word', payload: {}, created_at: new Date().toISOString(), dispatched_at: null }
    await trx.insertInto('outbox').values(event).execute()
  })
beforeAll(async () => {
  const server = await testServer({ migrations: matrixMigrations(), surface })
  stop = async () => server[Symbol.asyncDispose]()
  const caller = async (): Promise<Caller> => ({ accessToken: 'good', refreshToken: 'refresh' })
  const callers = {
    of: caller,
    fresh: caller,
    inPortal: caller,
    limited: async () => 'limited',
    bad: async () => [],
  }
  target = { server, document: await readDocument(server), world: null, callers, secrets: new Set() }
  await remember()
})
afterAll(() => stop())

const finding = (name: keyof typeof words): Promise<string> => {
  const sample = { input: () => ({ word: 'sample' }) }
  const vocabulary = createVocabulary(target.server.db)
  const fuzzed = { name: `demo.words.${name}`, procedure: words[name], sample, target }
  return fuzz(fuzzed, vocabulary, 7).then(
    () => '',
    (error: Error) => error.message,
  )
}

test('finds nothing wrong with a sound procedure', async () => {
  expect(await finding('sound')).toBe('')
})

test.each([
  ['injectable', /A statement has words that no harmless call led to/],
  ['crashes', /Answered 500/],
  ['echoes', /Markup came back for/],
  ['destroys', /Tables changed|A statement has words/],
  ['silent', /Tables changed|A statement has words/],
] as const)(
  'finds out that a procedure that %s is wrong, and says how to see it again',
  async (name, found) => {
    const message = await finding(name)
    expect(message).toMatch(found)
    expect(message).toContain('FUZZ_SEED=7')
  },
)
