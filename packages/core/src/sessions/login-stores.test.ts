import { createRedisLogins } from '@plinth/adapters'
import { testLink } from '@plinth/adapters/testing'
import { CursorError, type WriteDb } from '@plinth/db'
import { testDatabase } from '@plinth/db/testing'
import { type KitTables, kitMigrations, type LoginStore, newId } from '@plinth/kit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { coreMigrations } from '../../migrations/index.ts'
import { loginStores } from '../../test/login-stores.ts'
import { createAccount } from '../accounts/create-account.ts'
import type { CoreDb } from '../db.ts'
import { KEEP_EXPIRED_MS, purgeIdentity } from '../purge.ts'
import { createTableLogins } from './table-logins.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const KEEP = KEEP_EXPIRED_MS
const COST = { memoryCost: 64, timeCost: 1, parallelism: 1 }
const start = new Date()
const at = (ms: number) => new Date(start.getTime() + ms)

const MANAGER = 'audit:read categories:write products:write tags:write'
const STANDING = { role: 'support', rights: 'audit:read', grants: null, verified: true }
const PLAIN = {
  address: null,
  userAgent: null,
  portal: null,
  method: 'password',
  deviceId: null,
  country: null,
  scopes: null,
  impersonatedBy: null,
  suspicion: null,
}
const momentsOf = (now: Date) => {
  const moment = now.toISOString()
  return { createdAt: moment, refreshedAt: moment, provenAt: moment, endsAt: at(90 * DAY).toISOString() }
}

type Link = Awaited<ReturnType<typeof testLink>>

describe.each(loginStores)('logins in %s', (name) => {
  let db: Awaited<ReturnType<typeof testDatabase<CoreDb>>>
  let link: Link | undefined
  let logins: LoginStore
  let made = 0
  beforeAll(async () => {
    db = await testDatabase<CoreDb>({ ...kitMigrations, ...coreMigrations })
    link = name === 'redis' ? await testLink() : undefined
    logins = link ? createRedisLogins({ redis: link, keepMs: KEEP }) : createTableLogins(db.as<KitTables>())
  })
  afterAll(async () => {
    await link?.[Symbol.asyncDispose]()
    await db[Symbol.asyncDispose]()
  })

  const write = <R>(work: (trx: WriteDb<KitTables>) => Promise<R>) => db.as<KitTables>().transaction(work)
  const user = async () => {
    made += 1
    const email = `user-${made}@example.com`
    const account = {
      email,
      password: 'a long enough phrase 7',
      name: 'Ada',
      role: 'support',
      verified: true,
    }
    const deps = { clock: { now: () => start }, passwordHash: COST }
    return db.transaction((trx) => createAccount(trx, { ...account, role: 'support' }, deps))
  }
  /** A login with its first tokens, which are named after it. */
  const login = async (userId: string, ms = 0, lifeMs = HOUR) => {
    const now = at(ms)
    const id = newId('lgn', now)
    const expiresAt = at(ms + lifeMs).toISOString()
    const from = { ...PLAIN, address: '127.0.0.1', portal: 'merchant' as const }
    await write(async (trx) => {
      await logins.start(trx, { id, userId, ...from, ...momentsOf(now), expiresAt })
      await addTokens(trx, { id, userId }, now, '', lifeMs)
    })
    return { id, userId, expiresAt }
  }
  const addTokens = (
    trx: Parameters<LoginStore['start']>[0],
    { id, userId }: { id: string; userId: string },
    now: Date,
    round: string,
    lifeMs = HOUR,
  ) =>
    logins.addTokens(
      trx,
      {
        loginId: id,
        userId,
        standing: STANDING,
        access: { hash: `a-${id}${round}`, expiresAt: new Date(now.getTime() + HOUR / 4).toISOString() },
        refresh: { hash: `r-${id}${round}`, expiresAt: new Date(now.getTime() + lifeMs).toISOString() },
      },
      now,
    )
  /** Lets a store forget what it would have forgotten so long after the start. */
  const timePasses = () => {
    let passed = 0
    return async (until: number) => {
      const ms = until - passed
      passed = until
      if (!link) return void (await db.transaction((trx) => purgeIdentity(trx, at(until))))
      const prefix = link.key('')
      await link.run(async (client) => {
        for (const key of await client.keys(`${prefix}*`)) {
          const life = await client.pttl(key)
          // What roles may do is kept for good.
          if (life > 0) await client.pexpire(key, life - ms)
        }
      })
    }
  }
  const listed = async (userId: string, ms = 1) =>
    (await logins.list(db.as<KitTables>().read, { userId, limit: 50 }, at(ms))).items.map(({ id }) => id)

  test('an access token stands for its user, login, role and portal, and one that nobody has for nothing', async () => {
    const userId = await user()
    const { id } = await login(userId)
    expect(await logins.find(`a-${id}`)).toEqual({
      userId,
      loginId: id,
      ...STANDING,
      portal: 'merchant',
      scopes: null,
      impersonatedBy: null,
      provenAt: start.toISOString(),
      expiresAt: at(HOUR / 4).toISOString(),
      ended: false,
    })
    expect(await logins.find(`a-${id}x`)).toBeUndefined()
    expect(await write((trx) => logins.findRefresh(trx, `r-${id}`))).toEqual({
      userId,
      loginId: id,
      portal: 'merchant',
      scopes: null,
      impersonatedBy: null,
      expiresAt: at(HOUR).toISOString(),
      endsAt: at(90 * DAY).toISOString(),
      used: false,
      ended: false,
    })
    expect(await write((trx) => logins.findRefresh(trx, `r-${id}x`))).toBeUndefined()
  })

  test('of twenty who spend a refresh token at the same time one does, and its second use is seen', async () => {
    const { id } = await login(await user())
    const spend = () => write((trx) => logins.spend(trx, `r-${id}`, at(1)))
    const spent = await Promise.all(Array.from({ length: 20 }, spend))
    expect(spent.filter(Boolean)).toHaveLength(1)
    expect((await write((trx) => logins.findRefresh(trx, `r-${id}`)))?.used).toBe(true)
    expect(await write((trx) => logins.spend(trx, 'r-nobody', at(1)))).toBe(false)
  })

  test('a login that is renewed lives longer, ends its access token and takes a new one', async () => {
    const { id, userId } = await login(await user())
    const expiresAt = at(2 * HOUR).toISOString()
    expect(await write((trx) => logins.renew(trx, { id, expiresAt }, at(HOUR / 2)))).toBe(true)
    expect((await logins.find(`a-${id}`))?.ended).toBe(true)
    await write((trx) => addTokens(trx, { id, userId }, at(HOUR / 2), '-2'))
    expect((await logins.find(`a-${id}-2`))?.ended).toBe(false)
    expect((await logins.find(`a-${id}`))?.ended).toBe(true)
    const { items } = await logins.list(db.as<KitTables>().read, { userId, limit: 5 }, at(HOUR))
    expect(items).toMatchObject([{ id, expiresAt, refreshedAt: at(HOUR / 2).toISOString() }])
  })

  test('one login is ended with all its tokens, once, and by nobody else', async () => {
    const userId = await user()
    const [one, other] = [await login(userId), await login(userId)]
    const end = (owner: string) =>
      write((trx) => logins.end(trx, { userId: owner, only: one.id }, 'ended', at(1)))
    expect(await end(await user())).toBe(0)
    expect((await logins.find(`a-${one.id}`))?.ended).toBe(false)
    expect([await end(userId), await end(userId)]).toEqual([1, 0])
    expect((await logins.find(`a-${one.id}`))?.ended).toBe(true)
    expect((await write((trx) => logins.findRefresh(trx, `r-${one.id}`)))?.ended).toBe(true)
    expect(await write((trx) => logins.renew(trx, { id: one.id, expiresAt: one.expiresAt }, at(2)))).toBe(
      false,
    )
    expect((await logins.find(`a-${other.id}`))?.ended).toBe(false)
    expect(await listed(userId)).toEqual([other.id])
  })

  test('all logins but one are ended, and those of others are not', async () => {
    const userId = await user()
    const own = [await login(userId, 0), await login(userId, 1), await login(userId, 2)]
    const foreign = await login(await user())
    const except = own[1]?.id ?? ''
    const end = () => write((trx) => logins.end(trx, { userId, except }, 'password-changed', at(3)))
    expect([await end(), await end()]).toEqual([2, 0])
    expect(await listed(userId, 3)).toEqual([except])
    expect((await logins.find(`a-${foreign.id}`))?.ended).toBe(false)
  })

  test('logins are listed newest first, page by page, without those that ended or expired', async () => {
    const userId = await user()
    const all = [0, 1, 2, 2, 3].map((ms) => login(userId, ms))
    const ids = (await Promise.all(all)).map(({ id }) => id)
    const short = await login(userId, 4, 10)
    await write((trx) => logins.end(trx, { userId, only: ids[1] ?? '' }, 'logout', at(5)))
    const newest = [0, 2, 3, 4].map((at) => ids[at] ?? '').sort((a, b) => (a < b ? 1 : -1))
    expect(await listed(userId, 5)).toEqual([short.id, ...newest])
    const seen: string[] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const { items, nextCursor } = await logins.list(
        db.as<KitTables>().read,
        { userId, limit: 2, cursor },
        at(20),
      )
      expect(items.length).toBeLessThanOrEqual(2)
      seen.push(...items.map(({ id }) => id))
      cursor = nextCursor
    }
    expect(seen).toEqual(newest)
    expect(await listed(userId, 5 * HOUR)).toEqual([])
    const broken = logins.list(db.as<KitTables>().read, { userId, limit: 2, cursor: 'nonsense' }, at(20))
    await expect(broken).rejects.toThrow(CursorError)
  })

  test('what has expired is still told apart, and there is nothing left of it to end', async () => {
    const { id, userId } = await login(await user(), -2 * HOUR)
    expect(await logins.find(`a-${id}`)).toMatchObject({ expiresAt: at(-1.75 * HOUR).toISOString() })
    expect(await write((trx) => logins.end(trx, { userId, only: id }, 'ended', at(0)))).toBe(0)
    expect(await listed(userId)).toEqual([])
  })

  test('an idle access token is told apart for as long as its login can be renewed, and a week more', async () => {
    const { id } = await login(await user(), 0, 30 * DAY)
    const passUntil = timePasses()
    await passUntil(29 * DAY)
    const idle = await logins.find(`a-${id}`)
    expect(idle).toMatchObject({ loginId: id, expiresAt: at(HOUR / 4).toISOString(), ended: false })
    await passUntil(36 * DAY)
    expect(await logins.find(`a-${id}`)).toEqual(idle)
    await passUntil(38 * DAY)
    expect(await logins.find(`a-${id}`)).toBeUndefined()
  })

  test('an access token of a login that was ended is told apart as long', async () => {
    const { id, userId } = await login(await user(), 0, 30 * DAY)
    const passUntil = timePasses()
    await write((trx) => logins.end(trx, { userId, only: id }, 'logout', at(1)))
    await passUntil(36 * DAY)
    expect((await logins.find(`a-${id}`))?.ended).toBe(true)
    await passUntil(38 * DAY)
    expect(await logins.find(`a-${id}`)).toBeUndefined()
  })

  test('an access token that was replaced is told apart for a week after it expired and was replaced, and no longer', async () => {
    const renewAt = async ({ id, userId }: { id: string; userId: string }, ms: number) => {
      const expiresAt = at(ms + 30 * DAY).toISOString()
      await write(async (trx) => {
        await logins.renew(trx, { id, expiresAt }, at(ms))
        await addTokens(trx, { id, userId }, at(ms), '-2', 30 * DAY)
      })
    }
    const [busy, idle] = [await login(await user(), 0, 30 * DAY), await login(await user(), 0, 30 * DAY)]
    const passUntil = timePasses()
    await renewAt(busy, HOUR / 2)
    await passUntil(6 * DAY)
    expect((await logins.find(`a-${busy.id}`))?.ended).toBe(true)
    await passUntil(8 * DAY)
    expect(await logins.find(`a-${busy.id}`)).toBeUndefined()
    expect((await logins.find(`a-${busy.id}-2`))?.ended).toBe(false)
    await passUntil(20 * DAY)
    expect((await logins.find(`a-${idle.id}`))?.ended).toBe(false)
    await renewAt(idle, 20 * DAY)
    await passUntil(26 * DAY)
    expect((await logins.find(`a-${idle.id}`))?.ended).toBe(true)
    await passUntil(28 * DAY)
    expect(await logins.find(`a-${idle.id}`)).toBeUndefined()
    expect((await logins.find(`a-${idle.id}-2`))?.ended).toBe(false)
  })

  test('a role that changes counts for who is signed in already', async () => {
    const { id, userId } = await login(await user())
    await db.transaction(async (trx) => {
      await trx.updateTable('users').set({ role: 'manager' }).where('id', '=', userId).execute()
      await logins.setStanding(trx, userId, { role: 'manager', grants: 'jobs:read', verified: false })
      await trx
        .updateTable('users')
        .set({ grants: 'jobs:read', email_verified_at: null })
        .where('id', '=', userId)
        .execute()
      await logins.setRights(trx, 'manager', MANAGER)
    })
    expect(await logins.find(`a-${id}`)).toMatchObject({
      role: 'manager',
      rights: MANAGER,
      grants: 'jobs:read',
      verified: false,
    })
  })

  test('what a role may do counts from its change on, also for who signs in with what was read before', async () => {
    const { id, userId } = await login(await user())
    const rights = 'audit:read users:read'
    const change = (text: string) =>
      db.transaction(async (trx) => {
        await trx.updateTable('roles').set({ rights: text }).where('name', '=', 'support').execute()
        await logins.setRights(trx, 'support', text)
      })
    await change(rights)
    await write((trx) => addTokens(trx, { id, userId }, at(1), '-late'))
    expect((await logins.find(`a-${id}-late`))?.rights).toBe(rights)
    await change('audit:read')
  })

  test('a proof counts for its login alone', async () => {
    const userId = await user()
    const [one, other] = [await login(userId), await login(userId)]
    await write((trx) => logins.prove(trx, one.id, at(7)))
    expect((await logins.find(`a-${one.id}`))?.provenAt).toBe(at(7).toISOString())
    expect((await logins.find(`a-${other.id}`))?.provenAt).toBe(start.toISOString())
  })

  test('the logins beyond a number are the oldest of those that are alive', async () => {
    const userId = await user()
    const made: string[] = []
    for (const ms of [0, 1, 2, 3, 4]) made.push((await login(userId, ms)).id)
    await login(userId, 5, 10)
    await login(await user(), 1)
    await write((trx) => logins.end(trx, { userId, only: made[1] ?? '' }, 'logout', at(6)))
    const beyond = (keep: number) => write((trx) => logins.beyond(trx, userId, keep, at(20)))
    expect(await beyond(2)).toEqual([made[2], made[0]])
    expect(await beyond(4)).toEqual([])
  })

  test('all logins are ended where none is excepted', async () => {
    const userId = await user()
    await login(userId, 0)
    await login(userId, 1)
    expect(await write((trx) => logins.end(trx, { userId, except: null }, 'forced', at(3)))).toBe(2)
    expect(await listed(userId, 3)).toEqual([])
  })
})

test('nothing is kept for ever in Redis: each key goes when it has served', async () => {
  await using redis = await testLink()
  await using db = await testDatabase<KitTables>(kitMigrations)
  const logins = createRedisLogins({ redis, keepMs: KEEP })
  const token = (hash: string, lifeMs = DAY) => ({ hash, expiresAt: at(lifeMs).toISOString() })
  const from = { ...PLAIN, ...momentsOf(start) }
  await db.transaction(async (trx) => {
    await logins.start(trx, { id: 'l', userId: 'u', ...from, expiresAt: at(HOUR).toISOString() })
    const tokens = { loginId: 'l', userId: 'u', standing: STANDING }
    await logins.addTokens(trx, { ...tokens, access: token('a', HOUR), refresh: token('r') }, start)
    await logins.spend(trx, 'r', start)
    await logins.renew(trx, { id: 'l', expiresAt: at(DAY).toISOString() }, start)
    await logins.end(trx, { userId: 'u', only: 'l' }, 'logout', start)
    // What belongs to no login is not begun, for nothing would end it.
    await logins.addTokens(
      trx,
      { ...tokens, loginId: 'gone', access: token('b'), refresh: token('s') },
      start,
    )
    await logins.setStanding(trx, 'nobody', STANDING)
  })
  const keys = await redis.run((client) => client.keys(`${redis.key('')}*`))
  expect(keys.map((key) => key.slice(redis.key('').length)).sort()).toEqual([
    'access:a',
    'login:l',
    'refresh:r',
    'rights',
    'user:u',
  ])
  for (const key of keys.filter((each) => !each.endsWith('rights'))) {
    const life = await redis.run((client) => client.pttl(key))
    expect(life, key).toBeGreaterThan(KEEP)
    // The access token was replaced, and goes with its own life.
    expect(life, key).toBeLessThanOrEqual(KEEP + (key.includes('access:') ? HOUR : DAY))
  }
})
