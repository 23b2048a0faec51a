import { createRedisLogins } from '@plinth/adapters'
import { testLink } from '@plinth/adapters/testing'
import type { WriteDb } from '@plinth/db'
import { testDatabase } from '@plinth/db/testing'
import { type KitTables, kitMigrations, type LoginStore, newId } from '@plinth/kit'
import { afterAll, beforeAll } from 'vitest'
import { coreMigrations } from '../migrations/index.ts'
import { createAccount } from '../src/accounts/create-account.ts'
import type { CoreDb } from '../src/db.ts'
import { KEEP_EXPIRED_MS, purgeIdentity } from '../src/purge.ts'
import { createTableLogins } from '../src/sessions/table-logins.ts'
import type { loginStores } from './login-stores.ts'

/** In milliseconds, as are all times here. */
export const HOUR = 3_600_000
/** In milliseconds. */
export const DAY = 24 * HOUR
/** How long is kept what has expired. */
export const KEEP = KEEP_EXPIRED_MS
const COST = { memoryCost: 64, timeCost: 1, parallelism: 1 }
/** When these tests began. */
export const start = new Date()
/** The moment so long after the start. */
export const at = (ms: number) => new Date(start.getTime() + ms)

/** What the users of these tests may do. */
export const STANDING = { role: 'support', rights: 'audit:read', grants: null, verified: true }
/** What is usual of a login. */
export const PLAIN = {
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
/** The moments of a login that starts now. */
export const momentsOf = (now: Date) => {
  const moment = now.toISOString()
  return { createdAt: moment, refreshedAt: moment, provenAt: moment, endsAt: at(90 * DAY).toISOString() }
}

type Link = Awaited<ReturnType<typeof testLink>>

type Db = Awaited<ReturnType<typeof testDatabase<CoreDb>>>

/** Lets a store forget what it would have forgotten so long after the start. */
const passing = (db: () => Db, link: () => Link | undefined) => {
  let passed = 0
  return async (until: number) => {
    const ms = until - passed
    passed = until
    if (!link()) return void (await db().transaction((trx) => purgeIdentity(trx, at(until))))
    const redis = link()
    if (!redis) return
    const prefix = redis.key('')
    await redis.run(async (client) => {
      for (const key of await client.keys(`${prefix}*`)) {
        const life = await client.pttl(key)
        // What roles may do is kept for good.
        if (life > 0) await client.pexpire(key, life - ms)
      }
    })
  }
}

const tokensOf = (
  { id, userId }: { id: string; userId: string },
  now: Date,
  round: string,
  lifeMs: number,
) => ({
  loginId: id,
  userId,
  standing: STANDING,
  access: { hash: `a-${id}${round}`, expiresAt: new Date(now.getTime() + HOUR / 4).toISOString() },
  refresh: { hash: `r-${id}${round}`, expiresAt: new Date(now.getTime() + lifeMs).toISOString() },
})

/** Logins in one kind of store, beside a database; made before the tests of a group and gone after them. */
export const loginFixture = (name: (typeof loginStores)[number]) => {
  let db: Db
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
    return db.transaction((trx) => createAccount(trx, account, deps))
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
  ) => logins.addTokens(trx, tokensOf({ id, userId }, now, round, lifeMs), now)
  const listed = async (userId: string, ms = 1) =>
    (await logins.list(db.as<KitTables>().read, { userId, limit: 50 }, at(ms))).items.map(({ id }) => id)
  return {
    db: () => db,
    logins: () => logins,
    write,
    user,
    login,
    addTokens,
    timePasses: () =>
      passing(
        () => db,
        () => link,
      ),
    listed,
  }
}
