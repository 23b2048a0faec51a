import { createDb } from '@plinth/db'
import { testDatabaseUrl } from '@plinth/db/testing'
import type { KitTables } from '@plinth/kit'
import { type ServerProcess, startServerProcess } from '@plinth/testing'
import { expect, test } from 'vitest'
import { settleADayLater } from '../../test/later.ts'
import { allMigrations } from '../systems.ts'

const ACCOUNTS = 40
const AT_ONCE = 8
const KILLED_AFTER = 15

const env = (url: string) => ({
  DATABASE_URL: url,
  PLINTH_DEMO: 'false',
  // What tells a keyed request with a password from another one, before the crash and after it.
  PLINTH_SECRET: 's'.repeat(40),
  // Its leases run out by the clock that this test moves on; those of pg-boss by that of its server.
  PLINTH_JOBS_STORE: 'table',
  PLINTH_PASSWORD_HASH_MEMORY_COST: '64',
  PLINTH_LIMITS: JSON.stringify({ auth: { perMinute: 100_000, burst: 100_000 } }),
})

const emailOf = (index: number): string => `crash-${index}@example.com`

/** Registers one account under a key of its own; answers whether the server said that it did. */
const register = async (url: string, index: number): Promise<boolean> => {
  try {
    const answer = await fetch(`${url}/api/v1/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': `crash-test-${index}` },
      body: JSON.stringify({ email: emailOf(index), password: 'a long enough test phrase 7', name: 'Crash' }),
    })
    return answer.status < 300
  } catch {
    // The server is gone: what it did is what the test is about.
    return false
  }
}

const registerAll = async (
  server: ServerProcess,
  told: (count: number) => void,
): Promise<ReadonlySet<number>> => {
  const acknowledged = new Set<number>()
  const waiting = Array.from({ length: ACCOUNTS }, (_, index) => index)
  const one = async (): Promise<void> => {
    for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) {
      if (await register(server.url, index)) acknowledged.add(index)
      told(acknowledged.size)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
  return acknowledged
}

interface Found extends KitTables {
  users: { id: string; email: string }
  mailbox: { recipient: string }
}

const countBy = <T>(rows: readonly T[], key: (row: T) => string | null): Map<string | null, number> =>
  new Map([...Map.groupBy(rows, key)].map(([name, group]) => [name, group.length]))

test('a server killed with SIGKILL under writes keeps all that it acknowledged, and nothing by halves', async () => {
  const database = await testDatabaseUrl(allMigrations())
  try {
    const killed = await startServerProcess(env(database.url))
    const acknowledged = await registerAll(killed, (count) => {
      if (count === KILLED_AFTER) killed.child.kill('SIGKILL')
    })
    expect(acknowledged.size).toBeGreaterThanOrEqual(KILLED_AFTER)
    expect(acknowledged.size).toBeLessThan(ACCOUNTS)

    // Clients that were not told try again with the key that they have, and so do those that were.
    await using next = await startServerProcess(env(database.url))
    for (let index = 0; index < ACCOUNTS; index++) expect(await register(next.url, index)).toBe(true)
    expect(await next.end('SIGTERM')).toBe(0)
    await settleADayLater(env(database.url))

    await using db = Object.assign(await createDb<Found>({ url: database.url }), {
      [Symbol.asyncDispose]: () => db.close(),
    })
    const users = await db.read.selectFrom('users').select(['id', 'email']).execute()
    expect(users.map(({ email }) => email).sort()).toEqual(
      Array.from({ length: ACCOUNTS }, (_, index) => emailOf(index)).sort(),
    )
    const ids = users.map(({ id }) => id).sort()
    const once = new Map(ids.map((id) => [id, 1]))
    const entries = await db.read
      .selectFrom('audit_log')
      .select('actor_id')
      .where('action', '=', 'core.accounts.register')
      .where('outcome', '=', 'done')
      .execute()
    expect(countBy(entries, (entry) => entry.actor_id)).toEqual(once)
    const events = await db.read
      .selectFrom('outbox')
      .select(['payload', 'dispatched_at'])
      .where('type', '=', 'accounts.registered')
      .execute()
    expect(countBy(events, ({ payload }) => (payload as { userId: string }).userId)).toEqual(once)
    expect(events.every((event) => event.dispatched_at !== null)).toBe(true)
    const mails = await db.read.selectFrom('mailbox').select('recipient').execute()
    expect(new Set(mails.map(({ recipient }) => recipient)).size).toBe(ACCOUNTS)
  } finally {
    await database.dispose()
  }
})
