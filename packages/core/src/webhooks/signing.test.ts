import { verifyWebhook, WebhookError } from '@plinth/sdk/webhooks'
import type { Received } from '@plinth/testing/outside'
import { expect, test } from 'vitest'
import { webhookTest } from '../../test/webhooks.ts'

const HOUR = 3_600_000

const verify = ({ body, headers }: Received, secrets: string | readonly string[], now: Date) =>
  verifyWebhook(body, headers, secrets, { now })

const isSignedBy = (received: Received | undefined, secret: string, now: Date): Promise<boolean> =>
  received
    ? verify(received, secret, now).then(
        () => true,
        (error: unknown) => {
          if (error instanceof WebhookError && error.fault === 'signature') return false
          throw error
        },
      )
    : Promise.reject(new Error('nothing was received'))

test('an event arrives signed as the SDK verifies it, with its id, and with its public data alone', async () => {
  await using hooks = await webhookTest()
  const { app, receiver, secret } = hooks
  const userId = await hooks.register()
  expect(receiver.received).toHaveLength(1)
  const [received] = receiver.received
  if (!received) throw new Error('nothing was received')
  const { id, sentAt, event } = await verify(received, secret, app.clock.now())
  const row = await app.db.read.selectFrom('outbox').select(['id', 'created_at']).executeTakeFirstOrThrow()
  expect([id, event]).toEqual([
    row.id,
    { type: 'accounts.registered', timestamp: row.created_at, data: { userId } },
  ])
  expect(Math.abs(sentAt.getTime() - app.clock.now().getTime())).toBeLessThan(1000)
  expect(received.headers['content-type']).toBe('application/json')
  expect(await hooks.delivery()).toMatchObject({
    state: 'delivered',
    attempts: 1,
    nextAttemptAt: null,
    payload: received.body,
    log: [{ number: 1, status: 204, error: null }],
  })
})

test('what an event holds beyond its public schema stays in the house, and so do other events', async () => {
  await using hooks = await webhookTest()
  const { app, receiver } = hooks
  const emit = (type: string, payload: unknown) =>
    app.db.transaction(async (trx) => {
      const at = app.clock.now().toISOString()
      await trx
        .insertInto('outbox')
        .values({ id: `evt_${type}`, type, payload, created_at: at, dispatched_at: null })
        .execute()
    })
  const userId = 'usr_01jd7m3x5sfa9v8k2cq4w6y8ze'
  await emit('accounts.verified', { userId, email: 'ada@example.com', token: 'plv_secret' })
  await emit('accounts.verificationRequested', { userId })
  await emit('webhooks.tested', { webhookId: hooks.id })
  await app.settle()
  expect(receiver.received.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
    { type: 'accounts.verified', timestamp: app.clock.now().toISOString(), data: { userId } },
  ])
})

test('a webhook is told of the events that it asked for, and of none while it is disabled', async () => {
  await using hooks = await webhookTest()
  const { receiver, id, admin } = hooks
  const { webhooks } = admin.client.core
  await webhooks.update.mutate({ id, events: ['accounts.verified'] })
  await hooks.register()
  await webhooks.update.mutate({ id, events: ['accounts.registered'], enabled: false })
  await hooks.register()
  expect(receiver.received).toEqual([])
  await webhooks.update.mutate({ id, enabled: true })
  await hooks.register()
  expect(receiver.received).toHaveLength(1)
})

test('after a rotation both secrets sign for a day, and then the old one is dead', async () => {
  await using hooks = await webhookTest()
  const { app, receiver, id, secret, admin } = hooks
  const rotated = await admin.client.core.webhooks.rotateSecret.mutate({ id })
  const until = new Date(app.clock.now().getTime() + 24 * HOUR)
  expect(rotated.previousSecretUntil).toBe(until.toISOString())
  expect(rotated.secret).not.toBe(secret)
  await hooks.pass(24 * HOUR - 1)
  await hooks.register()
  expect(receiver.received[0]?.headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+$/)
  for (const live of [secret, rotated.secret])
    expect(await isSignedBy(receiver.received[0], live, app.clock.now())).toBe(true)
  await hooks.pass(1)
  await hooks.register()
  expect(await isSignedBy(receiver.received[1], rotated.secret, app.clock.now())).toBe(true)
  expect(await isSignedBy(receiver.received[1], secret, app.clock.now())).toBe(false)
  await hooks.pass(HOUR)
  expect((await hooks.webhook()).previousSecretUntil).toBeNull()
})

test('of two rotations in a row the last two secrets sign', async () => {
  await using hooks = await webhookTest()
  const { app, receiver, id, secret, admin } = hooks
  const second = await admin.client.core.webhooks.rotateSecret.mutate({ id })
  const third = await admin.client.core.webhooks.rotateSecret.mutate({ id })
  await hooks.register()
  const signed = await Promise.all(
    [secret, second.secret, third.secret].map((each) =>
      isSignedBy(receiver.received[0], each, app.clock.now()),
    ),
  )
  expect(signed).toEqual([false, true, true])
})

test('no secret of a webhook stands in clear in any table or in the log', async () => {
  await using hooks = await webhookTest()
  const { app, id, admin, secret } = hooks
  const { accessToken } = admin
  const key = { 'idempotency-key': 'rotate-1' }
  const answer = await app.rest('POST', `/api/v1/webhooks/${id}/rotate-secret`, {
    token: accessToken,
    headers: key,
  })
  const rotated = (answer.body as { secret: string }).secret
  await hooks.register()
  const tables = [
    'webhooks',
    'webhook_deliveries',
    'webhook_attempts',
    'jobs',
    'idempotency_keys',
    'audit_log',
    'outbox',
  ]
  const stored: unknown[] = []
  for (const table of tables)
    stored.push(await app.db.as<Record<string, object>>().read.selectFrom(table).selectAll().execute())
  const everything = JSON.stringify([stored, app.logged])
  expect(everything).toContain(id)
  for (const each of [secret, rotated])
    for (const part of [each, each.slice('whsec_'.length)]) expect(everything).not.toContain(part)
})

test('a secret that was sealed under the server secret before is still used once that one is named', async () => {
  const before = 'the secret that was there before'
  await using hooks = await webhookTest({
    PLINTH_SECRET: 'a server secret of 32 characters',
    PLINTH_PREVIOUS_SECRETS: before,
  })
  const { createVault } = await import('@plinth/kit')
  const { app, receiver, secret, id } = hooks
  const reseal = (by: string) =>
    app.db.as<{ webhooks: { id: string; secret: string } }>().transaction((trx) =>
      trx
        .updateTable('webhooks')
        .set({ secret: createVault([by]).seal(secret, id) })
        .execute(),
    )
  await reseal(before)
  await hooks.register()
  expect(await isSignedBy(receiver.received[0], secret, app.clock.now())).toBe(true)
  await reseal('a secret that nobody remembers now')
  await hooks.register()
  expect(receiver.received).toHaveLength(1)
  expect((await hooks.delivery()).log).toMatchObject([
    { status: null, error: 'its secret can not be read: rotate it' },
  ])
})
