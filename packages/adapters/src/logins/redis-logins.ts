import { decodeCursor, pageOf, type SortField } from '@plinth/db'
import type { LoginRecord, LoginStore } from '@plinth/kit'
import type { RedisLink } from '../redis/link.ts'
import { ADD_TOKENS, END, FIND, FIND_REFRESH, LIST, RENEW, SPEND, START } from './scripts.ts'

// Named as in the database, so that a cursor is read alike.
const NEWEST_FIRST: readonly SortField[] = [
  { column: 'created_at', direction: 'desc', key: 'createdAt' },
  { column: 'id', direction: 'desc' },
]

interface RedisLoginsDeps {
  readonly redis: RedisLink
  /** How long is kept what has expired, so that its tokens are told apart from unknown ones. */
  readonly keepMs: number
}

type Text = string | null
const ABSENT = ''

/** A reply of a script that answers a list of fields, each a text or nothing; null where it found nothing. */
const fieldsOf = (reply: unknown): Text[] | null =>
  Array.isArray(reply) ? reply.map((field) => (typeof field === 'string' ? field : null)) : null

type Portal = LoginRecord['portal']

const portalOf = (text: Text | undefined): Portal => (text ? (text as Portal) : null)

const toRecord = (reply: unknown): LoginRecord => {
  const [id, userId, createdAt, refreshedAt, expiresAt, portal, address, userAgent] = fieldsOf(reply) ?? []
  return {
    id: id ?? '',
    userId: userId ?? '',
    portal: portalOf(portal),
    address: address || null,
    userAgent: userAgent || null,
    createdAt: createdAt ?? '',
    refreshedAt: refreshedAt ?? '',
    expiresAt: expiresAt ?? '',
  }
}

const namesOf = ({ key }: RedisLink) => ({
  logins: key('login', ''),
  roles: key('role', ''),
  ofUsers: key('logins', ''),
  login: (id: string) => key('login', id),
  accesses: key('access', ''),
  access: (hash: string) => key('access', hash),
  refresh: (hash: string) => key('refresh', hash),
  role: (userId: string) => key('role', userId),
  ofUser: (userId: string) => key('logins', userId),
})

type Names = ReturnType<typeof namesOf>
type Finding = Pick<LoginStore, 'find' | 'findRefresh' | 'list'>

const finding = (redis: RedisLink, names: Names): Finding => ({
  async find(hash) {
    const found = fieldsOf(await redis.script(FIND, [names.access(hash)], [names.logins, names.roles]))
    if (!found) return undefined
    const [loginId, userId, expiresAt, role, newest, ended, portal] = found
    return {
      loginId: loginId ?? '',
      userId: userId ?? '',
      expiresAt: expiresAt ?? '',
      role: role ?? '',
      portal: portalOf(portal),
      ended: newest !== hash || (ended ?? null) !== null,
    }
  },
  async findRefresh(_trx, hash) {
    const found = fieldsOf(await redis.script(FIND_REFRESH, [names.refresh(hash)], [names.logins]))
    if (!found) return undefined
    const [loginId, userId, expiresAt, used, ended, portal] = found
    return {
      loginId: loginId ?? '',
      userId: userId ?? '',
      expiresAt: expiresAt ?? '',
      portal: portalOf(portal),
      used: (used ?? null) !== null,
      ended: (ended ?? null) !== null,
    }
  },
  async list(_db, { userId, limit, cursor }, now) {
    const [created, id] = cursor ? decodeCursor(NEWEST_FIRST, cursor).map(String) : []
    const newest = created === undefined ? '+inf' : Date.parse(created)
    const after = [created ?? ABSENT, id ?? ABSENT]
    const args = [names.logins, now.toISOString(), newest, ...after, limit + 1]
    const reply = await redis.script(LIST, [names.ofUser(userId)], args)
    return pageOf(Array.isArray(reply) ? reply.map(toRecord) : [], limit, NEWEST_FIRST)
  },
})

/**
 * Logins in Redis, where they expire by themselves. It writes at once and has no part in transactions; what is not told
 * to anybody because the transaction failed is of no use to anybody. While Redis is away every call rejects.
 */
export const createRedisLogins = ({ redis, keepMs }: RedisLoginsDeps): LoginStore => {
  const names = namesOf(redis)
  const lifeOf = (expiresAt: string, now: Date): number =>
    Math.max(1, Date.parse(expiresAt) - now.getTime() + keepMs)
  const isOne = (reply: unknown): boolean => reply === 1

  return {
    ...finding(redis, names),
    async start(_trx, { id, userId, portal, address, userAgent, createdAt, refreshedAt, expiresAt }) {
      const fields = ['user', userId, 'portal', portal ?? ABSENT, 'address', address ?? ABSENT]
      const times = ['created', createdAt, 'refreshed', refreshedAt, 'expires', expiresAt]
      const created = new Date(createdAt)
      const args = [names.logins, id, created.getTime(), lifeOf(expiresAt, created)]
      const all = [...args, ...fields, 'agent', userAgent ?? ABSENT, ...times]
      await redis.script(START, [names.login(id), names.ofUser(userId)], all)
    },
    async addTokens(_trx, { loginId, userId, role, access, refresh }, now) {
      const keys = [
        names.login(loginId),
        names.access(access.hash),
        names.refresh(refresh.hash),
        names.role(userId),
      ]
      const over = Date.parse(access.expiresAt)
      const lives = [access.expiresAt, over, refresh.expiresAt, lifeOf(refresh.expiresAt, now)]
      await redis.script(ADD_TOKENS, keys, [names.logins, loginId, userId, role, access.hash, ...lives])
    },
    spend: async (_trx, hash, now) =>
      isOne(await redis.script(SPEND, [names.refresh(hash)], [names.logins, now.toISOString()])),
    async renew(_trx, { id, expiresAt }, now) {
      const args = [names.logins, now.toISOString(), expiresAt, lifeOf(expiresAt, now)]
      const more = [names.ofUsers, names.accesses, now.getTime(), keepMs]
      return isOne(await redis.script(RENEW, [names.login(id)], [...args, ...more]))
    },
    async end(_trx, which, reason, now) {
      const meant = 'only' in which ? ['only', which.only] : ['except', which.except]
      const args = [names.logins, which.userId, now.toISOString(), reason, ...meant]
      return Number(await redis.script(END, [names.ofUser(which.userId)], args))
    },
    async setRole(_trx, userId, role) {
      // Only of somebody who is signed in is there anything to change.
      await redis.run((client) => client.set(names.role(userId), role, 'KEEPTTL', 'XX'))
    },
  }
}
