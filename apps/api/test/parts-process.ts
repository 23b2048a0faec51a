import { download, mutation, nothing, query, upload } from '@plinth/contract'
import { migrate } from '@plinth/db'
import { bind, implementer, isFileKey, type KitTables } from '@plinth/kit'
import { z } from 'zod'
import type { Parts } from '../src/index.ts'
import { allMigrations, compose, plinth, readConfig, startServer } from '../src/index.ts'

// A server of its own whose operations do nothing but use one part each, so that a test can take the part away.
const byKey = z.strictObject({ key: z.string().refine(isFileKey) })
const many = z.object({ count: z.int() })
const BIGGEST = 1_000_000

const parts = {
  addFile: upload({
    summary: 'Keep a file',
    access: 'public',
    rest: 'POST /files',
    input: z.strictObject({ file: z.file().max(BIGGEST).mime(['text/plain']) }),
    output: byKey,
  }),
  getFile: download({ summary: 'Fetch a file', access: 'public', rest: 'GET /files/{key}', input: byKey }),
  count: query({ summary: 'Count', access: 'public', rest: 'GET /count', input: nothing, output: many }),
  note: mutation({
    summary: 'Write an audit entry and nothing else',
    access: 'public',
    rest: 'POST /notes',
    input: nothing,
    output: z.object({ done: z.boolean() }),
  }),
  tell: mutation({
    summary: 'Tell all processes something',
    access: 'public',
    rest: 'POST /messages',
    transaction: false,
    input: z.strictObject({ text: z.string() }),
    output: z.object({ done: z.boolean() }),
  }),
  heard: query({
    summary: 'What this process heard',
    access: 'public',
    rest: 'GET /messages',
    input: nothing,
    output: z.object({ texts: z.array(z.string()) }),
  }),
  guarded: mutation({
    summary: 'Work under a lock; answers how many are at it in this process',
    access: 'public',
    rest: 'POST /turns',
    transaction: false,
    input: nothing,
    output: many,
  }),
}

const handlersOver = ({ files, bus, locks }: Parts) => {
  const texts: string[] = []
  let inside = 0
  bus.subscribe('told', (text) => texts.push(String(text)))
  return implementer<KitTables>()(parts, {
    addFile: {
      async prepare({ input: { file }, ctx }) {
        const content = file.stream()
        const kept = await files.put({
          content,
          contentType: file.type,
          maxBytes: BIGGEST,
          signal: ctx.signal,
        })
        return async () => kept
      },
    },
    async getFile({ input, fail }) {
      const found = (await files.get(input.key)) ?? fail('NOT_FOUND')
      return { body: found.body, contentType: found.contentType, filename: 'a.txt' }
    },
    count: ({ ctx }) =>
      ctx.db
        .selectFrom('audit_log')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow(),
    note: async () => ({ done: true }),
    async tell({ input }) {
      await bus.publish('told', input.text)
      return { done: true }
    },
    heard: async () => ({ texts }),
    guarded: () =>
      locks.withLock('turn', { ttlMs: 2000 }, async () => {
        inside += 1
        await new Promise((resolve) => setImmediate(resolve))
        const count = inside
        inside -= 1
        return { count }
      }),
  })
}

const settings = readConfig(process.env)
const composed = await compose(settings, (given) => ({
  ...plinth(given),
  bound: bind({ all: { parts } }, { all: { parts: handlersOver(given) } }),
  subscribers: [],
}))
await migrate(composed.db, allMigrations())
const { url } = await startServer(composed, settings, { background: false })
process.stdout.write(`It listens on ${url}\n`)
