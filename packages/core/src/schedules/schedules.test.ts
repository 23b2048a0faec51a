import { newId } from '@plinth/kit'
import { testApp } from '@plinth/testing'
import { expect, test } from 'vitest'

const DAY_MS = 24 * 3_600_000

const code = (expected: string) => ({ data: { code: expected } })

test('schedules are listed with their last and next run, and their runs newest first', async () => {
  await using app = await testApp()
  await app.settle()
  for (let hours = 0; hours < 3; hours += 1) {
    app.clock.advance(3_600_000)
    await app.settle()
  }
  const { client } = await app.as('admin')
  const { items } = await client.core.schedules.list.query()
  expect(items.map(({ name }) => name)).toEqual([
    'import-threat-lists',
    'purge-api-keys',
    'purge-audit-entries',
    'purge-factors',
    'purge-idempotency-keys',
    'purge-identity',
    'purge-outbox',
    'purge-requests',
    'tidy-webhooks',
  ])
  const outbox = items.find(({ name }) => name === 'purge-outbox')
  expect(outbox).toMatchObject({
    cron: '17 * * * *',
    timeZone: 'UTC',
    lastRun: { state: 'done', attempts: 1 },
  })
  const next = new Date(outbox?.nextRunAt ?? '')
  expect(next.getUTCMinutes()).toBe(17)
  expect(next.getTime() - app.clock.now().getTime()).toBeLessThanOrEqual(3_600_000)
  expect(next.getTime()).toBeGreaterThan(app.clock.now().getTime())

  const first = await client.core.schedules.runs.query({ name: 'purge-outbox', limit: 2 })
  expect(first.items[0]).toEqual(outbox?.lastRun)
  const rest = await client.core.schedules.runs.query({
    name: 'purge-outbox',
    cursor: first.nextCursor ?? undefined,
  })
  const due = [...first.items, ...rest.items].map(({ dueAt }) => dueAt)
  expect(due).toHaveLength(3)
  expect(due.toSorted().toReversed()).toEqual(due)

  const { text } = await app.rest('GET', '/metrics')
  expect(text).toContain('plinth_jobs_total{name="purge-outbox",result="done"} 3')
  expect(text).toMatch(/plinth_jobs_kept\{state="done"\} \d+/)
})

test('schedules are for those who may see them, and one that is not there is not found', async () => {
  await using app = await testApp()
  const { client } = await app.as('manager')
  await expect(client.core.schedules.list.query()).rejects.toMatchObject(code('FORBIDDEN'))
  const runs = client.core.schedules.runs.query({ name: 'purge-outbox' })
  await expect(runs).rejects.toMatchObject(code('FORBIDDEN'))
  const { client: admin } = await app.as('admin')
  await expect(admin.core.schedules.runs.query({ name: 'nothing' })).rejects.toMatchObject(code('NOT_FOUND'))
})

test('expired tokens, keyed answers and events that have served are deleted on schedule', async () => {
  await using app = await testApp()
  await app.client.core.accounts.register.mutate({
    email: 'ada@example.com',
    password: 'correct horse battery',
    name: 'Ada Byron',
  })
  await app.as('user')
  await app.rest('POST', '/api/v1/sessions', { body: {}, headers: { 'idempotency-key': 'k'.repeat(20) } })
  await app.settle()
  const tables = ['email_verifications', 'refresh_tokens', 'logins', 'outbox'] as const
  const count = async (table: (typeof tables)[number]) =>
    (await app.db.as<Record<string, { id: string }>>().read.selectFrom(table).selectAll().execute()).length
  for (const table of tables) expect(await count(table)).toBeGreaterThan(0)
  app.clock.advance(60 * DAY_MS)
  await app.settle()
  for (const table of tables) expect([table, await count(table)]).toEqual([table, 0])
})

test('entries of the audit log go when they are older than it is kept, and none goes before', async () => {
  await using app = await testApp({ env: { PLINTH_RETENTION_AUDIT_DAYS: '30' } })
  const add = (count: number, ageDays: number) =>
    app.db.transaction((trx) => {
      const at = new Date(app.clock.now().getTime() - ageDays * DAY_MS)
      const entry = {
        at: at.toISOString(),
        actor_id: null,
        action: `age.${ageDays}`,
        target: null,
        code: null,
      }
      const rest = { outcome: 'done' as const, address: null, user_agent: null, request_id: 'r' }
      const rows = Array.from({ length: count }, () => ({ id: newId('aud', at), ...entry, ...rest }))
      return trx.insertInto('audit_log').values(rows).execute()
    })
  for (const _ of [1, 2, 3]) await add(500, 40)
  await add(3, 20)
  const actions = async () => {
    const rows = await app.db.read.selectFrom('audit_log').select('action').execute()
    return Object.entries(Object.groupBy(rows, ({ action }) => action)).map(([name, all]) => [
      name,
      all?.length,
    ])
  }
  await app.settle()
  expect(await actions()).toEqual(
    expect.arrayContaining([
      ['age.40', 1500],
      ['age.20', 3],
    ]),
  )
  app.clock.advance(DAY_MS)
  await app.settle()
  expect(await actions()).toEqual([['age.20', 3]])
  const forbidden = app.db.transaction((trx) => trx.deleteFrom('audit_log').execute())
  await expect(forbidden).rejects.toThrow()
  const changed = app.db.transaction((trx) =>
    trx.updateTable('audit_log').set({ action: 'x' }).where('action', '=', 'age.20').execute(),
  )
  await expect(changed).rejects.toThrow()
})
