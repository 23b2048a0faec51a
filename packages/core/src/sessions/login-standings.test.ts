import { createRedisLogins } from '@plinth/adapters'
import { testLink } from '@plinth/adapters/testing'
import { testDatabase } from '@plinth/db/testing'
import { type KitTables, kitMigrations } from '@plinth/kit'
import { describe, expect, test } from 'vitest'
import {
  at,
  DAY,
  HOUR,
  KEEP,
  loginFixture,
  momentsOf,
  PLAIN,
  STANDING,
  start,
} from '../../test/login-fixture.ts'
import { loginStores } from '../../test/login-stores.ts'

const MANAGER = 'audit:read categories:write products:write tags:write'

describe.each(loginStores)('logins in %s', (name) => {
  const { db, logins, write, user, login, addTokens, listed } = loginFixture(name)

  test('a role that changes counts for who is signed in already', async () => {
    const { id, userId } = await login(await user())
    await db().transaction(async (trx) => {
      await trx.updateTable('users').set({ role: 'manager' }).where('id', '=', userId).execute()
      await logins().setStanding(trx, userId, {
        role: 'manager',
        rights: MANAGER,
        grants: 'jobs:read',
        verified: false,
      })
      await trx
        .updateTable('users')
        .set({ grants: 'jobs:read', email_verified_at: null })
        .where('id', '=', userId)
        .execute()
    })
    expect(await logins().find(`a-${id}`)).toMatchObject({
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
      db().transaction(async (trx) => {
        await trx.updateTable('roles').set({ rights: text }).where('name', '=', 'support').execute()
        await logins().setRights(trx, 'support', text)
      })
    await change(rights)
    await write((trx) => addTokens(trx, { id, userId }, at(1), '-late'))
    expect((await logins().find(`a-${id}-late`))?.rights).toBe(rights)
    await change('audit:read')
  })

  test('a proof counts for its login alone', async () => {
    const userId = await user()
    const [one, other] = [await login(userId), await login(userId)]
    await write((trx) => logins().prove(trx, one.id, at(7)))
    expect((await logins().find(`a-${one.id}`))?.provenAt).toBe(at(7).toISOString())
    expect((await logins().find(`a-${other.id}`))?.provenAt).toBe(start.toISOString())
  })

  test('the logins beyond a number are the oldest of those that are alive', async () => {
    const userId = await user()
    const made: string[] = []
    for (const ms of [0, 1, 2, 3, 4]) made.push((await login(userId, ms)).id)
    await login(userId, 5, 10)
    await login(await user(), 1)
    await write((trx) => logins().end(trx, { userId, only: made[1] ?? '' }, 'logout', at(6)))
    const beyond = (keep: number) => write((trx) => logins().beyond(trx, userId, keep, at(20)))
    expect(await beyond(2)).toEqual([made[2], made[0]])
    expect(await beyond(4)).toEqual([])
  })

  test('all logins are ended where none is excepted', async () => {
    const userId = await user()
    await login(userId, 0)
    await login(userId, 1)
    expect(await write((trx) => logins().end(trx, { userId, except: null }, 'forced', at(3)))).toBe(2)
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
