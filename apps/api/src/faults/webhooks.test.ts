import { createAccount } from '@plinth/core'
import { createDb } from '@plinth/db'
import { testDatabaseUrl } from '@plinth/db/testing'
import type { KitTables } from '@plinth/kit'
import { createFakeClock, type ServerProcess, startServerProcess } from '@plinth/testing'
import { testReceiver, withStatus } from '@plinth/testing/outside'
import { expect, test } from 'vitest'
import { settleADayLater } from '../../test/later.ts'
import { readConfig } from '../config.ts'
import { allMigrations } from '../systems.ts'

const ADMIN = { email: 'admin@example.com', password: 'a long enough test phrase 7' }

const env = (url: string) => ({
  DATABASE_URL: url,
  PLINTH_DEMO: 'false',
  // Both processes must read what is sealed.
  PLINTH_SECRET: 'a server secret of 32 characters',
  // Its leases run out by the clock that this test moves on.
  PLINTH_JOBS_STORE: 'table',
  PLINTH_PASSWORD_HASH_MEMORY_COST: '64',
  PLINTH_WEBHOOKS_HTTP: 'true',
  PLINTH_WEBHOOKS_ALLOWED_NETWORKS: '127.0.0.0/8',
})

const addAdmin = async (url: string): Promise<void> => {
  const db = await createDb<KitTables>({ url })
  const { passwordHash } = readConfig(env(url))
  const account = { ...ADMIN, name: 'Admin', role: 'admin' as const, verified: true }
  await db.transaction((trx) => createAccount(trx, account, { clock: createFakeClock(), passwordHash }))
  await db.close()
}

const poster = async ({ url }: ServerProcess) => {
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  const post = async (path: string, body: unknown): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    expect(answer.status, path).toBeLessThan(300)
    return (await answer.json()) as Record<string, unknown>
  }
  const { tokens } = await post('/auth/login', ADMIN)
  headers.authorization = `Bearer ${(tokens as { accessToken: string }).accessToken}`
  return post
}

test('a server killed after a webhook went out, before that was written down, sends it again under the same id', async () => {
  const database = await testDatabaseUrl(allMigrations())
  await using receiver = await testReceiver()
  const arrived = new Promise<void>((resolve) => {
    receiver.answer = () => resolve()
  })
  try {
    await addAdmin(database.url)
    const killed = await startServerProcess(env(database.url))
    const post = await poster(killed)
    const { id } = await post('/webhooks', { url: receiver.url, events: ['*'] })
    const { eventId } = await post(`/webhooks/${String(id)}/test`, {})
    await arrived
    await killed.end('SIGKILL')
    receiver.answer = withStatus(200)
    await settleADayLater(env(database.url))
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([eventId, eventId])
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1)
  } finally {
    await database.dispose()
  }
})
