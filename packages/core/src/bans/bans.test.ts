import { newId } from '@plinth/kit'
import type { TestApp } from '@plinth/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ask, flushed, guardedApp, guessPasswords, welcome } from '../../test/guard.ts'
import type { CoreDb } from '../db.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

const opened = async (env?: Record<string, string>, databaseUrl?: string): Promise<TestApp> => {
  const app = await guardedApp(env, databaseUrl)
  onTestFinished(() => app[Symbol.asyncDispose]())
  return app
}

/** Offends until the next step of the ladder is reached. */
const offend = async (app: TestApp, address: string, times = 40): Promise<void> => {
  // Ids of one millisecond have no order.
  app.clock.advance(1)
  await guessPasswords(app, address, times)
  await flushed(app)
}

describe('an address that guesses passwords', () => {
  test('is warned first, then banned for 1 minute, 10 minutes, 1 hour and 1 day; each ban ends by itself', async () => {
    const app = await opened()
    const attacker = '198.51.100.7'
    await offend(app, attacker, 39)
    const list = async () =>
      (await (await app.as('admin')).client.core.bans.list.query({ address: attacker })).items.map(
        ({ kind, step }) => ({
          kind,
          step,
        }),
      )
    expect(await list()).toEqual([])
    await offend(app, attacker, 2)
    expect(await list()).toEqual([{ kind: 'warning', step: 0 }])
    expect(await welcome(app, attacker)).toBe('200')
    for (const [at, length] of [MINUTE, 10 * MINUTE, HOUR, 24 * HOUR].entries()) {
      await offend(app, attacker)
      expect((await list())[0]).toEqual({ kind: 'ban', step: at + 1 })
      const refused = await ask(app, attacker, '/api/v1/products')
      expect(refused.status).toBe(429)
      expect(refused.body).toMatchObject({ code: 'ADDRESS_BANNED', title: 'Too many requests' })
      expect(refused.headers.get('retry-after')).toBe(String(length / 1000))
      app.clock.advance(length - 1)
      expect(await welcome(app, attacker)).toBe('429 ADDRESS_BANNED')
      app.clock.advance(1)
      expect(await welcome(app, attacker)).toBe('200')
    }
  })

  test('is refused over every wire, and those who watch the server are not', async () => {
    const app = await opened()
    const attacker = '198.51.100.7'
    await offend(app, attacker)
    await offend(app, attacker)
    const statusOf = async (path: string, options = {}) => (await ask(app, attacker, path, options)).status
    expect(await statusOf('/api/products')).toBe(429)
    expect(await statusOf('/trpc/commerce.products.list')).toBe(429)
    expect(await statusOf('/trpc/commerce.products.list,commerce.tags.list?batch=1')).toBe(429)
    expect(await statusOf('/docs')).toBe(429)
    expect(await statusOf('/nowhere')).toBe(429)
    expect(await statusOf('/api/v1/products', { method: 'OPTIONS' })).toBe(429)
    expect(await statusOf('/health')).toBe(200)
    expect(await statusOf('/ready')).toBe(200)
  })

  test('gets no other address banned, whatever it says of itself', async () => {
    const app = await opened()
    for (let round = 0; round < 2; round++) {
      await guessPasswords(app, '203.0.113.9, 198.51.100.7', 40)
      await flushed(app)
    }
    expect(await welcome(app, '203.0.113.9')).toBe('200')
    expect(await welcome(app, '198.51.100.7')).toBe('429 ADDRESS_BANNED')
    expect(await welcome(app, '198.51.100.8')).toBe('200')
  })

  test('is one with all of its 64 bits of IPv6, and with none beside', async () => {
    const app = await opened()
    for (let round = 0; round < 2; round++) {
      await guessPasswords(app, '2001:db8:1:2::7', 20)
      await guessPasswords(app, '2001:db8:1:2:ffff::8', 20)
      await flushed(app)
    }
    expect(await welcome(app, '2001:db8:1:2:3:4:5:6')).toBe('429 ADDRESS_BANNED')
    expect(await welcome(app, '2001:db8:1:3::7')).toBe('200')
  })

  test('is not banned where it is our own network, behind which a proxy may hide everybody', async () => {
    const app = await opened()
    for (const own of ['127.0.0.1', '10.1.2.3', '::ffff:192.168.0.7', 'fd00::7']) {
      await offend(app, own, 80)
      await offend(app, own, 80)
      expect(await welcome(app, own), own).toBe('200')
    }
  })
})

test('one wrong password, or one a minute for hours, leads to nothing', async () => {
  const app = await opened()
  for (let minute = 0; minute < 200; minute++) {
    await guessPasswords(app, '198.51.100.7', 1)
    app.clock.advance(MINUTE)
  }
  await flushed(app)
  const admin = await app.as('admin')
  const { items } = await admin.client.core.bans.list.query({})
  expect(items.map(({ kind }) => kind)).not.toContain('ban')
})

test('a ladder is stepped down with time', async () => {
  const app = await opened()
  const attacker = '198.51.100.7'
  for (let step = 0; step < 3; step++) {
    app.clock.advance(2 * MINUTE)
    await offend(app, attacker)
  }
  const admin = await app.as('admin')
  const last = async () => (await admin.client.core.bans.list.query({ address: attacker })).items[0]
  expect(await last()).toMatchObject({ kind: 'ban', step: 2 })
  app.clock.advance(3 * 24 * HOUR)
  const again = await app.as('admin')
  await offend(app, attacker)
  expect((await again.client.core.bans.list.query({ address: attacker })).items[0]).toMatchObject({
    kind: 'warning',
    step: 0,
  })
})

describe('processes that share a database', () => {
  const pair = async () => {
    const first = await opened()
    return [first, await opened({}, first.settings.database.url)] as const
  }

  test('hold a ban of each other once they have looked again', async () => {
    const [first, second] = await pair()
    await second.composed.guard?.refresh()
    for (let round = 0; round < 2; round++) await offend(first, '198.51.100.7')
    expect(await welcome(first, '198.51.100.7')).toBe('429 ADDRESS_BANNED')
    await second.composed.guard?.refresh()
    expect(await welcome(second, '198.51.100.7')).toBe('429 ADDRESS_BANNED')
    const admin = await second.as('admin')
    const [ban] = (await admin.client.core.bans.list.query({ active: true })).items
    await admin.client.core.bans.lift.mutate({ id: ban?.id ?? '' })
    await second.settle()
    expect(await welcome(second, '198.51.100.7')).toBe('200')
    await first.composed.guard?.refresh()
    expect(await welcome(first, '198.51.100.7')).toBe('200')
  })

  test('add up what they see, and decide once', async () => {
    const [first, second] = await pair()
    await Promise.all([guessPasswords(first, '198.51.100.7', 25), guessPasswords(second, '198.51.100.7', 25)])
    await Promise.all([flushed(first), flushed(second)])
    const admin = await first.as('admin')
    const { items } = await admin.client.core.bans.list.query({ address: '198.51.100.7' })
    expect(items.map(({ kind, step }) => ({ kind, step }))).toEqual([{ kind: 'warning', step: 0 }])
    expect(await admin.client.core.reputations.get.query({ address: '198.51.100.7' })).toMatchObject({
      offences: { loginFailed: 50 },
    })
  })
})

test('a process that looks again after thousands of bans knows all of them', async () => {
  const app = await opened()
  await app.composed.guard?.refresh()
  const [at, ends] = [0, MINUTE].map((ms) => new Date(app.clock.now().getTime() + ms).toISOString())
  const row = (index: number) => ({
    id: newId('ban', app.clock.now()),
    network: `198.18.${index >> 8}.${index & 255}`,
    kind: 'ban' as const,
    cause: 'offences' as const,
    reason: 'trap 2',
    step: 1,
    ends_at: ends ?? null,
    created_at: at ?? '',
    created_by: null,
    lifted_at: null,
    lifted_by: null,
    changed_at: at ?? '',
  })
  const add = (first: number, count: number) =>
    app.db.as<CoreDb>().transaction((trx) =>
      trx
        .insertInto('bans')
        .values(Array.from({ length: count }, (_, index) => row(first + index)))
        .execute(),
    )
  for (let first = 0; first < 2000; first += 500) await add(first, 500)
  await app.composed.guard?.refresh()
  for (const index of [0, 999, 1000, 1001, 1999])
    expect(await welcome(app, `198.18.${index >> 8}.${index & 255}`), String(index)).toBe(
      '429 ADDRESS_BANNED',
    )
  expect(await welcome(app, '198.18.200.1')).toBe('200')
})

describe('a ban by hand', () => {
  test('holds for its minutes, or until it is lifted, in which case it is told as forbidden', async () => {
    const app = await opened()
    const admin = await app.as('admin')
    const { bans } = admin.client.core
    const timed = await bans.create.mutate({ address: '203.0.113.7', minutes: 10, reason: 'Guesses coupons' })
    const endless = await bans.create.mutate({ address: '203.0.113.8', reason: 'Scrapes' })
    await app.settle()
    expect(await welcome(app, '203.0.113.7')).toBe('429 ADDRESS_BANNED')
    expect(await welcome(app, '203.0.113.8')).toBe('403 ADDRESS_BLOCKED')
    app.clock.advance(10 * MINUTE)
    expect(await welcome(app, '203.0.113.7')).toBe('200')
    expect(await bans.get.query({ id: timed.id })).toMatchObject({ active: false })
    await expect(bans.lift.mutate({ id: timed.id })).rejects.toMatchObject({ data: { code: 'NOT_ACTIVE' } })
    expect(await bans.lift.mutate({ id: endless.id })).toMatchObject({
      active: false,
      liftedBy: admin.account.id,
    })
    await app.settle()
    expect(await welcome(app, '203.0.113.8')).toBe('200')
  })

  test('is not taken away by a shorter one that follows from offences', async () => {
    const app = await opened()
    const admin = await app.as('admin')
    await guessPasswords(app, '203.0.113.7', 40)
    await flushed(app)
    await guessPasswords(app, '203.0.113.7', 40)
    await admin.client.core.bans.create.mutate({ address: '203.0.113.7', reason: 'Scrapes' })
    await app.settle()
    await flushed(app)
    app.clock.advance(2 * MINUTE)
    expect(await welcome(app, '203.0.113.7')).toBe('403 ADDRESS_BLOCKED')
    await app.composed.guard?.refresh()
    expect(await welcome(app, '203.0.113.7')).toBe('403 ADDRESS_BLOCKED')
  })

  test('of two who lift it at once one is told that there is nothing to lift', async () => {
    const app = await opened()
    const { bans } = (await app.as('admin')).client.core
    const { id } = await bans.create.mutate({ address: '203.0.113.7', reason: 'Scrapes' })
    const lifted = await Promise.allSettled(Array.from({ length: 8 }, () => bans.lift.mutate({ id })))
    expect(lifted.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('is refused for the own address of whoever asks', async () => {
    const app = await opened()
    const { accessToken } = await app.as('admin')
    const headers = { authorization: `Bearer ${accessToken}` }
    const answer = await ask(app, '203.0.113.7', '/api/v1/bans', {
      method: 'POST',
      headers,
      body: { address: '203.0.113.7', reason: 'Oops' },
    })
    expect(answer.status).toBe(409)
    expect(answer.body).toMatchObject({ code: 'LOCKS_YOU_OUT' })
  })
})

describe('the trap', () => {
  test('is forbidden by robots.txt, looks like nothing, and who walks into it twice is warned', async () => {
    const app = await opened()
    const { text } = await ask(app, '198.51.100.7', '/robots.txt')
    expect(text).toContain('Disallow: /internal/members\n')
    for (let visit = 0; visit < 2; visit++)
      expect((await ask(app, '198.51.100.7', '/internal/members')).body).toMatchObject({
        code: 'ROUTE_NOT_FOUND',
      })
    await flushed(app)
    const admin = await app.as('admin')
    expect((await admin.client.core.bans.list.query({})).items).toMatchObject([
      { network: '198.51.100.7', kind: 'warning', reason: 'trap 2' },
    ])
  })

  test('catches nobody whom another site made ask for it', async () => {
    const app = await opened()
    for (let visit = 0; visit < 20; visit++)
      await ask(app, '198.51.100.7', '/internal/members?x=../../etc/passwd', {
        headers: { 'sec-fetch-site': 'cross-site' },
      })
    await flushed(app)
    const admin = await app.as('admin')
    expect((await admin.client.core.reputations.list.query({})).items).toEqual([])
  })
})
