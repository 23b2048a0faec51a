import { afterAll, beforeAll, expect, test } from 'vitest'
import { rows, type ThingsServer, thingsServer } from '../../test/server.ts'
import { kitPurges } from './purges.ts'

let server: ThingsServer
beforeAll(async () => {
  server = await thingsServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const MANY = 2100
const OLD = '2020-01-01T00:00:00.000Z'

/** Rows that have long served, and one that has not. */
const fill = {
  outbox: (index: number, at: string) => ({
    id: `evt_${index}`,
    type: 'things.created',
    payload: '{}',
    created_at: OLD,
    dispatched_at: at,
    traceparent: null,
  }),
  idempotency_keys: (index: number, at: string) => ({
    principal: `usr_${index % 7}`,
    key: `key-${index}`,
    request_hash: 'hash',
    answer: '{}',
    claim: null,
    created_at: OLD,
    expires_at: at,
  }),
}

test.each([
  ['purge-outbox', 'outbox'],
  ['purge-idempotency-keys', 'idempotency_keys'],
] as const)('%s deletes a bounded number of rows at a time, and all of them', async (name, table) => {
  const task = kitPurges({ db: server.db, auditDays: 1 }).find((one) => one.name === name)
  const now = server.clock.now()
  const later = new Date(now.getTime() + 1000).toISOString()
  const db = server.db.as<Record<typeof table, Record<string, unknown>>>()
  for (let from = 0; from < MANY; from += 300)
    await db.transaction((trx) =>
      trx
        .insertInto(table)
        .values(Array.from({ length: 300 }, (_, index) => fill[table](from + index, OLD)))
        .execute(),
    )
  await db.transaction((trx) => trx.insertInto(table).values(fill[table](MANY, later)).execute())
  const gone = new AbortController()
  gone.abort(new Error('stopped between two batches'))
  await expect(task?.run(now, gone.signal)).rejects.toThrow('stopped between two batches')
  expect(await rows(server, table)).toHaveLength(MANY + 1 - 1000)
  await task?.run(now, new AbortController().signal)
  expect(await rows(server, table)).toHaveLength(1)
})
