import { eventually } from '@plinth/db/testing'
import { testReceiver, withStatus } from '@plinth/testing/outside'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { idsOf, webhookTest } from '../../test/webhooks.ts'
import { createHosts } from './hosts.ts'

const MINUTE = 60_000

test('an attempt that could not be written down is made again, with the same id', async () => {
  await using hooks = await webhookTest()
  const { app, receiver } = hooks
  const rename = (from: string, to: string) =>
    app.db.transaction((trx) => sql`alter table ${sql.table(from)} rename to ${sql.table(to)}`.execute(trx))
  receiver.answer = async (response, received) => {
    await rename('webhook_attempts', 'webhook_attempts_away')
    await withStatus(200)(response, received)
  }
  await hooks.register()
  expect(receiver.received).toHaveLength(1)
  await rename('webhook_attempts_away', 'webhook_attempts')
  receiver.answer = withStatus(200)
  await hooks.pass(MINUTE)
  const [first, second] = idsOf(receiver.received)
  expect([receiver.received.length, first]).toEqual([2, second])
  expect(await hooks.delivery()).toMatchObject({ state: 'delivered', attempts: 1 })
})

test('a job that was given up leaves no delivery behind: it is found when it is long overdue', async () => {
  await using hooks = await webhookTest()
  const { app, receiver } = hooks
  receiver.answer = withStatus(500)
  await hooks.register()
  await app.db.transaction((trx) => sql`delete from jobs where state = 'ready'`.execute(trx))
  receiver.answer = withStatus(200)
  await hooks.pass(3 * 60 * MINUTE)
  expect(await hooks.delivery()).toMatchObject({ state: 'delivered', attempts: 2 })
})

test('an event that is handed on twice is one delivery', async () => {
  await using hooks = await webhookTest()
  const { app, receiver } = hooks
  await hooks.register()
  await app.db.transaction((trx) => trx.updateTable('outbox').set({ dispatched_at: null }).execute())
  await app.settle()
  expect(receiver.received).toHaveLength(1)
  expect(await hooks.deliveries()).toHaveLength(1)
})

test('a receiver that hangs, and one that sends without end, are left; one is a failure and one is not', async () => {
  await using hooks = await webhookTest({ PLINTH_WEBHOOKS_TIMEOUT_MS: '200' })
  const { receiver } = hooks
  receiver.answer = () => undefined
  await hooks.register()
  expect((await hooks.delivery()).log).toMatchObject([{ status: null, error: 'no answer within 200 ms' }])
  receiver.answer = (response) => {
    response.writeHead(200)
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(16_384)));
      if (!response.destroyed) response.once('drain', more)
    }
    more()
  }
  await hooks.pass(6000)
  const { state, log } = await hooks.delivery()
  expect([state, log[0]?.answer]).toEqual(['delivered', 'x'.repeat(1000)])
})

test('an answer is kept as text that every database can store', async () => {
  await using hooks = await webhookTest()
  hooks.receiver.answer = (response) => response.writeHead(500).end(Buffer.from([0, 0xff, 0xc3, 0x28, 65, 0]))
  await hooks.register()
  expect((await hooks.delivery()).log[0]?.answer).toBe('\ufffd\ufffd(A')
})

test('a receiver that redirects to an address inside is not followed', async () => {
  await using hooks = await webhookTest({ PLINTH_WEBHOOKS_ALLOWED_NETWORKS: '127.0.0.1/32' })
  await using inside = await testReceiver('127.0.0.2')
  hooks.receiver.answer = withStatus(307, { location: inside.url })
  await hooks.register()
  expect((await hooks.delivery()).log).toMatchObject([{ status: 307, error: 'HTTP 307' }])
  expect(inside.received).toEqual([])
})

test('a receiver that does not answer holds up no other receiver, and no other job', async () => {
  await using hooks = await webhookTest({
    PLINTH_WEBHOOKS_CONCURRENCY: '4',
    PLINTH_WEBHOOKS_PER_HOST: '2',
  })
  await using fast = await testReceiver()
  const { app, admin, receiver, id } = hooks
  const { webhooks } = admin.client.core
  const other = await webhooks.create.mutate({ url: fast.url, events: ['accounts.verified'] })
  receiver.answer = () => undefined
  for (let count = 0; count < 12; count += 1) await webhooks.test.mutate({ id })
  app.composed.background.start()
  await eventually(() => expect(receiver.received).toHaveLength(2))
  for (let count = 0; count < 6; count += 1) await webhooks.test.mutate({ id: other.id })
  await app.client.core.accounts.register.mutate({
    email: 'ada@example.com',
    password: 'correct horse battery',
    name: 'Ada Byron',
  })
  await eventually(async () => {
    // Those that were turned away come back by this clock.
    app.clock.advance(1000)
    expect(fast.received).toHaveLength(6)
    expect((await app.mails()).map(({ to }) => to)).toContain('ada@example.com')
  })
  expect(receiver.received).toHaveLength(2)
  await receiver[Symbol.asyncDispose]()
})

test('a host has so many places, one while it does not answer, and whoever is turned away comes back later each', () => {
  const hosts = createHosts(2)
  expect([hosts.take('a'), hosts.take('a'), hosts.take('b')]).toEqual([null, null, null])
  expect([hosts.take('a'), hosts.take('a'), hosts.take('a')]).toEqual([1500, 2000, 2500])
  hosts.free('a', false)
  expect(hosts.take('a')).not.toBeNull()
  hosts.free('a', false)
  expect([hosts.take('a'), hosts.take('a') === null]).toEqual([null, false])
  hosts.free('a', true)
  expect([hosts.take('a'), hosts.take('a')]).toEqual([null, null])
  for (let count = 0; count < 1000; count += 1) hosts.take('a')
  expect(hosts.take('a')).toBe(60_000)
})
