import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { recordBackup } from '@plinth/core'
import { type TestApp, testApp } from '@plinth/testing'
import { describe, expect, test } from 'vitest'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 3_600_000

/** Somebody who is told of alerts, over loopback. */
const receiver = async () => {
  const told: string[] = []
  const server = createServer((incoming, outgoing) => {
    let body = ''
    incoming.on('data', (chunk) => (body += String(chunk)))
    incoming.on('end', () => {
      const { state, condition } = JSON.parse(body) as { state: string; condition: string }
      told.push(`${state} ${condition}`)
      outgoing.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    told,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const look = async (
  { composed, clock }: TestApp,
  laterMs = MINUTE_MS,
): Promise<ReadonlyMap<string, string>> => {
  clock.advance(laterMs)
  await composed.operations.monitor.look()
  return composed.operations.alerts.raised()
}
const metrics = async (app: TestApp) => (await app.rest('GET', '/metrics')).text
const backUp = (app: TestApp, error: string | null) =>
  app.db.transaction((trx) => {
    const at = app.clock.now()
    return recordBackup(trx, { startedAt: at, endedAt: at, location: 'x', bytes: 4711, rows: 3, error })
  })

describe('the monitor', () => {
  test('tells once of a backup that is missing, overdue or failed, and once when it is mended', async () => {
    await using hook = await receiver()
    await using app = await testApp({
      env: { PLINTH_ALERTS_BACKUP_AGE_MS: String(DAY_MS), PLINTH_ALERTS_WEBHOOK: hook.url },
    })
    expect((await look(app)).get('backup.overdue')).toBe('There is no backup')
    await look(app)
    await backUp(app, null)
    expect([...(await look(app)).keys()]).toEqual([])
    expect(await metrics(app)).toContain('plinth_backup_bytes 4711')
    expect(await metrics(app)).toContain('plinth_backup_failed 0')
    expect(await metrics(app)).toMatch(/plinth_backup_age_seconds 60/)
    await backUp(app, 'no room')
    expect((await look(app)).get('backup.failed')).toContain('no room')
    expect((await look(app, DAY_MS)).get('backup.overdue')).toContain('The last backup is of')
    await backUp(app, null)
    await look(app)
    expect(hook.told).toEqual([
      'raised backup.overdue',
      'cleared backup.overdue',
      'raised backup.failed',
      'raised backup.overdue',
      'cleared backup.failed',
      'cleared backup.overdue',
    ])
  })

  test('says nothing of backups where none are wanted', async () => {
    await using app = await testApp()
    expect([...(await look(app)).keys()]).toEqual([])
  })

  test('tells when the database is larger than it may be, and when it no longer is', async () => {
    await using app = await testApp({ env: { PLINTH_ALERTS_DATABASE_BYTES: '1000' } })
    expect((await look(app)).get('database.size')).toMatch(/takes up \d+ MiB/)
    expect(await metrics(app)).toMatch(/plinth_database_bytes [1-9]\d+/)
    expect(await metrics(app)).toContain('plinth_alert{condition="database.size"} 1')
    app.composed.live.reload(() => ({
      ...app.settings,
      alerts: { ...app.settings.alerts, databaseBytes: 1e12 },
    }))
    expect((await look(app)).has('database.size')).toBe(false)
    expect(await metrics(app)).not.toContain('plinth_alert{')
  })

  test('tells when connections run out while somebody waits', async () => {
    await using app = await testApp()
    const { promise, resolve } = Promise.withResolvers<void>()
    const { max } = app.db.stats().write
    const held = Array.from({ length: max + 1 }, () => app.db.transaction(() => promise))
    while (app.db.stats().write.waiting === 0) await new Promise(setImmediate)
    const raised = await look(app)
    resolve()
    await Promise.all(held)
    expect(raised.get('database.connections')).toContain(
      `1 wait for a connection, ${max} of ${max} are in use`,
    )
    expect((await look(app)).has('database.connections')).toBe(false)
    expect(await metrics(app)).toMatch(/plinth_database_connections\{of="max"\} [1-9]/)
  })

  test('checks the invariants every day and names what breaks one', async () => {
    await using app = await testApp()
    const { client } = await app.as('manager')
    await client.commerce.products.create.mutate({
      name: 'Lamp',
      description: '',
      price: { amount: 100, currency: 'EUR' },
      stock: 1,
    })
    await look(app, 11 * MINUTE_MS)
    expect(await metrics(app)).toContain('plinth_invariants_broken{invariant="products.words"} 0')
    const broken = app.db.as<{ products: { folded_name: string } }>()
    await broken.transaction((trx) => trx.updateTable('products').set({ folded_name: 'x' }).execute())
    expect((await look(app, 3_600_000)).size).toBe(0)
    expect((await look(app, DAY_MS)).get('invariant.products.words')).toMatch(/products id=prd_\w+/)
    expect(await metrics(app)).toContain('plinth_invariants_broken{invariant="products.words"} 1')
  })
})

describe('failures', () => {
  const fail = (app: TestApp, error: Error, procedure: string) =>
    app.composed.log.module('http').error({ err: error, procedure, requestId: 'r-1' }, 'procedure failed')
  const broken = (words: string) => new RangeError(words)

  test('are grouped by cause, counted, listed for admins, and new ones raise an alert', async () => {
    await using app = await testApp()
    const { client } = await app.as('admin')
    for (let index = 0; index < 3; index += 1) fail(app, broken(`number ${index}`), 'a.list')
    fail(app, new TypeError('another'), 'b.list')
    const raised = await look(app, 1000)
    expect([...raised.values()].sort()).toEqual([
      'A new failure: procedure failed: another',
      'A new failure: procedure failed: number 2',
    ])
    fail(app, broken('number 3'), 'a.list')
    await look(app, 1000)
    const { items } = await client.core.failures.list.query({})
    expect(items.map(({ name, message, occurred }) => [name, message, occurred])).toEqual([
      ['RangeError', 'procedure failed: number 3', 4],
      ['TypeError', 'procedure failed: another', 1],
    ])
    expect(items[0]?.context).toMatchObject({ module: 'http', procedure: 'a.list', requestId: 'r-1' })
    expect(items[0]?.stack).toContain('monitor.test.ts')
    expect(await metrics(app)).toContain('plinth_failures_total 5')
    expect((await look(app, 2 * 3_600_000)).size).toBe(0)
  })

  test('that are frequent raise an alert, which is over when they are', async () => {
    await using app = await testApp({ env: { PLINTH_ALERTS_FAILURES_PER_MINUTE: '5' } })
    for (let index = 0; index < 6; index += 1) fail(app, broken('again'), 'a.list')
    expect((await look(app, 1000)).get('failures.frequent')).toBe('6 unhandled errors within a minute')
    expect((await look(app, 2 * MINUTE_MS)).has('failures.frequent')).toBe(false)
  })

  test('of a real request are captured with their procedure', async () => {
    await using app = await testApp()
    const { client } = await app.as('admin')
    await app.db.transaction(async (trx) => {
      await trx.schema.alterTable('tags').renameColumn('name', 'label').execute()
    })
    expect((await app.rest('GET', '/api/v1/tags')).status).toBe(500)
    await look(app, 1000)
    const { items } = await client.core.failures.list.query({ limit: 1 })
    expect(items[0]).toMatchObject({ occurred: 1, context: { procedure: 'commerce.tags.list' } })
  })

  test('are for admins alone', async () => {
    await using app = await testApp()
    const { client } = await app.as('user')
    await expect(client.core.failures.list.query({})).rejects.toMatchObject({ data: { code: 'FORBIDDEN' } })
  })
})
