import { createDb, type Database, migrate } from '@plinth/db'
import { type OwnServer, startEmbedded, testServerUrl } from '@plinth/db/testing'
import { type KitTables, newId } from '@plinth/kit'
import { type TestActor, type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { faults } from '../../test/faults.ts'
import { allMigrations } from '../systems.ts'

// A replica that holds something else than its primary, so that an answer shows where it was read.
const addEntry = (db: Database<KitTables>, action: string) =>
  db.transaction((trx) =>
    trx
      .insertInto('audit_log')
      .values({
        id: newId('aud', new Date()),
        at: new Date().toISOString(),
        actor_id: null,
        action,
        target: null,
        outcome: 'done',
        code: null,
        address: null,
        user_agent: null,
        request_id: 'a',
      })
      .execute(),
  )

const ON_REPLICA = 'read.from.replica'

let server: OwnServer
let primary: Awaited<ReturnType<typeof testServerUrl>>
let app: TestApp
let admin: TestActor
beforeAll(async () => {
  server = await startEmbedded()
  const db = await createDb<KitTables>({ url: server.url })
  await migrate(db, allMigrations())
  await addEntry(db, ON_REPLICA)
  await db.close()
  primary = await testServerUrl(allMigrations())
  app = await testApp({
    databaseUrl: primary.url,
    env: {
      PLINTH_DATABASE_REPLICA_URL: server.url,
      PLINTH_OUTSIDE_DEPENDENCIES: '{"replica":{"openMs":200}}',
    },
  })
  admin = await app.as('admin')
}, 60_000)
afterAll(async () => {
  await app[Symbol.asyncDispose]()
  await primary.dispose()
  await server.stop()
})

const actions = async () =>
  (await admin.client.core.auditEntries.list.query({})).items.map(({ action }) => action)
const part = async () => {
  const { body, status } = await app.rest('GET', '/ready')
  const { checks } = body as { checks: { name: string; state: string }[] }
  return [status, checks.find(({ name }) => name === 'replica')?.state]
}
const metrics = async () => (await app.rest('GET', '/metrics')).text

test('reads that may be seconds old go to the replica, and everything else to the primary', async () => {
  expect(await actions()).toEqual([ON_REPLICA])
  expect((await admin.client.core.failures.list.query({})).items).toEqual([])
  // Who asks exists on the primary alone, and so does what was written.
  expect((await admin.client.core.accounts.get.query({})).email).toBe(admin.email)
  await admin.client.core.accounts.update.mutate({ name: 'Written' })
  expect((await admin.client.core.accounts.get.query({})).name).toBe('Written')
  expect(await actions()).toEqual([ON_REPLICA])
  const text = await metrics()
  expect(text).toContain('plinth_outside_state{dependency="replica",state="closed"} 1')
  expect(text).toMatch(/plinth_query_seconds_count\{role="replica"\} [1-9]/)
  expect(text).toMatch(/plinth_replica_connections\{of="open"\} [1-9]/)
  expect(await part()).toEqual([200, 'up'])
})

test('what the reader is at fault for is answered as it is on the primary', async () => {
  const { status, body } = await app.rest('GET', '/api/v1/audit-entries?cursor=nonsense', {
    token: admin.accessToken,
  })
  expect([status, body]).toMatchObject([422, { errors: [{ path: 'cursor' }] }])
  expect(await part()).toEqual([200, 'up'])
})

test('a replica that is killed costs no answer: the primary gives it, /ready says so, and it is used again', async () => {
  expect(await actions()).toEqual([ON_REPLICA])
  await server.kill()
  // Children of a killed server answer what they are asked until they notice.
  await expect.poll(actions).not.toContain(ON_REPLICA)
  const from: string[] = []
  for (let asked = 0; asked < 20; asked += 1) {
    const seen = await actions()
    expect(seen).not.toContain(ON_REPLICA)
    from.push(...seen)
  }
  expect(from).toContain('core.accounts.update')
  expect(await part()).toEqual([200, 'down'])
  expect(await metrics()).toContain('plinth_outside_state{dependency="replica",state="open"} 1')
  await server.restart()
  await expect.poll(actions, { timeout: 10_000 }).toEqual([ON_REPLICA])
  expect(await part()).toEqual([200, 'up'])
}, 60_000)

test('a replica that is not there at the start does not keep a server from starting', async () => {
  const away = new URL(server.url)
  away.port = '1'
  await using other = await testApp({
    databaseUrl: primary.url,
    env: { PLINTH_DATABASE_REPLICA_URL: away.href },
  })
  const { status } = await other.rest('GET', '/api/v1/audit-entries', { token: admin.accessToken })
  expect(status).toBe(200)
})

test('a replica of a database that is a file is refused at the start', () => {
  const replica = { PLINTH_DATABASE_REPLICA_URL: server.url }
  expect(faults({ ...replica, DATABASE_URL: 'file:a.db' })).toContain('database.replicaUrl: needs')
  expect(faults({ ...replica, DATABASE_URL: primary.url })).toBe('')
  expect(faults({ PLINTH_DATABASE_REPLICA_URL: 'file:a.db' })).toContain('PLINTH_DATABASE_REPLICA_URL')
})
