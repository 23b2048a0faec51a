import { withStatus } from '@plinth/testing/outside'
import { expect, test } from 'vitest'
import { idsOf, webhookTest } from '../../test/webhooks.ts'
import { PAUSES, pauseAfter } from './rules.ts'

const SECOND = 1000
const HOUR = 3600 * SECOND
const DAY = 24 * HOUR

test('the pauses are those of the specification, with up to a tenth of chance', () => {
  expect(PAUSES.map((ms) => ms / SECOND)).toEqual([
    5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400,
  ])
  expect([pauseAfter(0, null, 0), pauseAfter(0, null, 1), pauseAfter(9, null)]).toEqual([5000, 5500, null])
  expect([pauseAfter(0, 60_000, 0), pauseAfter(3, 60_000, 0), pauseAfter(0, 9 * DAY, 0)]).toEqual([
    60_000, 7_200_000, 86_400_000,
  ])
})

test('what is not taken over is tried ten times over three days, with the same id and body, and is then dead', async () => {
  await using hooks = await webhookTest()
  const { receiver } = hooks
  receiver.answer = withStatus(503)
  await hooks.register()
  for (const [index, pause] of PAUSES.entries()) {
    expect(receiver.received).toHaveLength(index + 1)
    await hooks.pass(pause - 1)
    expect(receiver.received).toHaveLength(index + 1)
    await hooks.pass(pause / 10 + 1)
  }
  expect(receiver.received).toHaveLength(10)
  expect(new Set(idsOf(receiver.received)).size).toBe(1)
  expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1)
  const moments = receiver.received.map(({ headers }) => headers['webhook-timestamp'])
  expect(new Set(moments).size).toBe(10)
  const { log, ...delivery } = await hooks.delivery()
  expect(delivery).toMatchObject({ state: 'dead', attempts: 10, nextAttemptAt: null })
  expect(log.map(({ number, status, error }) => [number, status, error])).toEqual(
    Array.from({ length: 10 }, (_, index) => [10 - index, 503, 'HTTP 503']),
  )
  await hooks.pass(5 * DAY)
  expect(receiver.received).toHaveLength(10)
})

test.each([301, 302, 400, 404, 429, 500])('the answer %i is a failure and is tried again', async (status) => {
  await using hooks = await webhookTest()
  const { receiver } = hooks
  receiver.answer = withStatus(status, { location: 'http://127.0.0.1:1/' })
  await hooks.register()
  expect(await hooks.delivery()).toMatchObject({
    state: 'pending',
    attempts: 1,
    log: [{ error: `HTTP ${status}` }],
  })
  expect((await hooks.webhook()).failingSince).not.toBeNull()
  receiver.answer = withStatus(200)
  await hooks.pass(6 * SECOND)
  expect(await hooks.delivery()).toMatchObject({ state: 'delivered', attempts: 2 })
  expect((await hooks.webhook()).failingSince).toBeNull()
})

test('a receiver that asks for time gets it', async () => {
  await using hooks = await webhookTest()
  const { receiver } = hooks
  receiver.answer = withStatus(429, { 'retry-after': '3600' })
  await hooks.register()
  await hooks.pass(HOUR - 1)
  expect(receiver.received).toHaveLength(1)
  await hooks.pass(HOUR / 10 + 1)
  expect(receiver.received).toHaveLength(2)
})

test('a receiver that is gone is never asked again: the webhook is disabled, and its maker is told', async () => {
  await using hooks = await webhookTest()
  const { receiver, id, app, admin } = hooks
  receiver.answer = withStatus(410)
  await hooks.register()
  await hooks.pass(10 * DAY)
  await hooks.register()
  expect(receiver.received).toHaveLength(1)
  expect(await hooks.delivery()).toMatchObject({ state: 'dead', attempts: 1 })
  expect(await hooks.webhook()).toMatchObject({ enabled: false, disabledReason: 'gone' })
  const { items } = await admin.client.core.auditEntries.list.query({ action: 'core.webhooks.disable' })
  expect(items).toMatchObject([{ target: id, actorId: null, outcome: 'done' }])
  const mails = (await app.mails()).filter(({ subject }) => subject === 'A webhook was disabled')
  expect(mails).toMatchObject([{ to: admin.email }])
  expect(mails[0]?.text).toContain('HTTP 410')
})

test('a webhook that failed for five days, and never worked in between, is disabled and its maker told', async () => {
  await using hooks = await webhookTest()
  const { receiver, app } = hooks
  receiver.answer = withStatus(500)
  await hooks.register()
  await hooks.pass(4 * DAY)
  receiver.answer = withStatus(200)
  await hooks.register()
  receiver.answer = withStatus(500)
  await hooks.register()
  await hooks.pass(5 * DAY - HOUR)
  expect((await hooks.webhook()).enabled).toBe(true)
  await hooks.pass(2 * HOUR)
  await hooks.register()
  expect(await hooks.webhook()).toMatchObject({ enabled: false, disabledReason: 'failing' })
  const asked = receiver.received.length
  await hooks.pass(DAY)
  expect(receiver.received).toHaveLength(asked)
  expect((await app.mails()).filter(({ subject }) => subject === 'A webhook was disabled')).toHaveLength(1)
  expect((await hooks.deliveries()).filter(({ state }) => state === 'pending')).toEqual([])
})

test('a delivery can be made again by hand, delivered or dead, under the same id; once, and not for a disabled webhook', async () => {
  await using hooks = await webhookTest()
  const { receiver, admin, id, app } = hooks
  const { webhookDeliveries, webhooks } = admin.client.core
  await hooks.register()
  const [delivered] = await hooks.deliveries()
  if (!delivered) throw new Error('nothing was delivered')
  expect(await webhookDeliveries.redeliver.mutate({ id: delivered.id })).toMatchObject({ state: 'pending' })
  receiver.answer = withStatus(500)
  await app.settle()
  expect(await hooks.delivery()).toMatchObject({ state: 'dead', attempts: 2 })
  receiver.answer = withStatus(200)
  await hooks.pass(DAY)
  await webhookDeliveries.redeliver.mutate({ id: delivered.id })
  await app.settle()
  expect(await hooks.delivery()).toMatchObject({ state: 'delivered', attempts: 3 })
  expect(idsOf(receiver.received)).toEqual([delivered.eventId, delivered.eventId, delivered.eventId])
  await webhooks.update.mutate({ id, enabled: false })
  const refused = { data: { code: 'WEBHOOK_DISABLED' } }
  await expect(webhookDeliveries.redeliver.mutate({ id: delivered.id })).rejects.toMatchObject(refused)
  await expect(webhooks.test.mutate({ id })).rejects.toMatchObject(refused)
})

test('what waits for its next attempt can be hastened, and goes on as before', async () => {
  await using hooks = await webhookTest()
  const { receiver, admin, app } = hooks
  receiver.answer = withStatus(500)
  await hooks.register()
  const [waiting] = await hooks.deliveries()
  await admin.client.core.webhookDeliveries.redeliver.mutate({ id: waiting?.id ?? '' })
  await app.settle()
  expect(receiver.received).toHaveLength(2)
  await hooks.pass(6 * SECOND)
  expect(receiver.received).toHaveLength(2)
  await hooks.pass(330 * SECOND)
  expect(receiver.received).toHaveLength(3)
})

test('a test delivery goes to its webhook alone, whatever that has asked for', async () => {
  await using hooks = await webhookTest()
  const { receiver, admin, app, id } = hooks
  const { webhooks } = admin.client.core
  const other = await webhooks.create.mutate({ url: receiver.url, events: ['*'] })
  await webhooks.update.mutate({ id, events: ['accounts.verified'] })
  const delivery = await webhooks.test.mutate({ id })
  await app.settle()
  expect(receiver.received.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
    { type: 'webhooks.tested', data: { webhookId: id } },
  ])
  expect(idsOf(receiver.received)).toEqual([delivery.eventId])
  const { webhookDeliveries } = admin.client.core
  expect((await webhookDeliveries.list.query({ webhookId: other.id })).items).toEqual([])
  const { items } = await webhookDeliveries.list.query({ eventId: delivery.eventId, state: 'delivered' })
  expect(items.map((item) => item.id)).toEqual([delivery.id])
})

test('deliveries that have ended are deleted after thirty days, with their attempts; those that wait are kept', async () => {
  await using hooks = await webhookTest({ PLINTH_WEBHOOKS_DISABLE_AFTER_MS: String(90 * DAY) })
  const { receiver, app } = hooks
  await hooks.register()
  await hooks.pass(30 * DAY - HOUR)
  expect(await hooks.deliveries()).toHaveLength(1)
  receiver.answer = withStatus(500)
  await hooks.register()
  await hooks.pass(2 * HOUR)
  expect((await hooks.deliveries()).map(({ state }) => state)).toEqual(['pending'])
  const attempts = await app.db
    .as<{ webhook_attempts: { number: number } }>()
    .read.selectFrom('webhook_attempts')
    .select('number')
    .execute()
  expect(attempts.length).toBe((await hooks.delivery()).attempts)
})
