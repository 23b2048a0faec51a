import { decodeCursor, pageOf, type SortField } from '@plinth/db'
import type { LoginRecord, LoginStore } from '@plinth/kit'
import type { RedisLink } from '../redis/link.ts'
import {
  ADD_TOKENS,
  BEYOND,
  END,
  END_IMPERSONATIONS,
  FIND,
  FIND_REFRESH,
  LIST,
  PROVE,
  RENEW,
  SET_STANDING,
  SPEND,
  START,
} from './scripts.ts'

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
const MOST_BEYOND = 100

/** A reply of a script that answers a list of fields, each a text or nothing; null where it found nothing. */
const fieldsOf = (reply: unknown): Text[] | null =>
  Array.isArray(reply) ? reply.map((field) => (typeof field === 'string' ? field : null)) : null

type Portal = LoginRecord['portal']

const portalOf = (text: Text | undefined): Portal => (text ? (text as Portal) : null)

/** What is kept of a login under these names, in the order that it is read. */
const FIELDS = [
  'userId',
  'method',
  'createdAt',
  'refreshedAt',
  'provenAt',
  'expiresAt',
  'endsAt',
  'portal',
  'address',
  'userAgent',
  'deviceId',
  'country',
  'scopes',
  'impersonatedBy',
  'suspicion',
] as const satisfies readonly (keyof LoginRecord)[]

const toRecord = (reply: unknown): LoginRecord => {
  const [id, ...values] = fieldsOf(reply) ?? []
  const fields = new Map(FIELDS.map((name, at) => [name, values[at]]))
  const always = (name: (typeof FIELDS)[number]): string => fields.get(name) ?? ABSENT
  const maybe = (name: (typeof FIELDS)[number]): Text => fields.get(name) || null
  return {
    id: id ?? ABSENT,
    userId: always('userId'),
    method: always('method'),
    createdAt: always('createdAt'),
    refreshedAt: always('refreshedAt'),
    provenAt: always('provenAt'),
    expiresAt: always('expiresAt'),
    endsAt: always('endsAt'),
    portal: portalOf(maybe('portal')),
    address: maybe('address'),
    userAgent: maybe('userAgent'),
    deviceId: maybe('deviceId'),
    country: maybe('country'),
    scopes: maybe('scopes'),
    impersonatedBy: maybe('impersonatedBy'),
    suspicion: maybe('suspicion'),
  }
}

const namesOf = ({ key }: RedisLink) => ({
  logins: key('login', ''),
  users: key('user', ''),
  rights: key('rights'),
  ofUsers: key('logins', ''),
  login: (id: string) => key('login', id),
  accesses: key('access', ''),
  access: (hash: string) => key('access', hash),
  refresh: (hash: string) => key('refresh', hash),
  user: (userId: string) => key('user', userId),
  byAdministrator: (userId: string) => key('impersonations', userId),
  ofUser: (userId: string) => key('logins', userId),
})

type Names = ReturnType<typeof namesOf>
type Finding = Pick<LoginStore, 'find' | 'findRefresh' | 'list'>

const finding = (redis: RedisLink, names: Names): Finding => ({
  async find(hash) {
    const found = fieldsOf(
      await redis.script(FIND, [names.access(hash), names.rights], [names.logins, names.users]),
    )
    if (!found) return undefined
    const [loginId, userId, expiresAt, newest, ended, portal, provenAt, scopes, impersonatedBy, ...may] =
      found
    const [role, rights, grants, verified] = may
    return {
      loginId: loginId ?? '',
      userId: userId ?? '',
      expiresAt: expiresAt ?? '',
      portal: portalOf(portal),
      provenAt: provenAt ?? '',
      scopes: scopes || null,
      impersonatedBy: impersonatedBy || null,
      role: role ?? '',
      rights: rights ?? '',
      grants: grants || null,
      verified: verified === '1',
      ended: newest !== hash || (ended ?? null) !== null,
    }
  },
  async findRefresh(_trx, hash) {
    const found = fieldsOf(await redis.script(FIND_REFRESH, [names.refresh(hash)], [names.logins]))
    if (!found) return undefined
    const [loginId, userId, expiresAt, used, ended, portal, endsAt, scopes, impersonatedBy] = found
    return {
      loginId: loginId ?? '',
      userId: userId ?? '',
      expiresAt: expiresAt ?? '',
      endsAt: endsAt ?? '',
      portal: portalOf(portal),
      scopes: scopes || null,
      impersonatedBy: impersonatedBy || null,
      used: (used ?? null) !== null,
      ended: (ended ?? null) !== null,
    }
  },
  async list(_db, { userId, limit, cursor }, now) {
    const [created, id] = cursor ? decodeCursor(NEWEST_FIRST, cursor).map(String) : []
    const newest = created === undefined ? '+inf' : Date.parse(created)
    const after = [created ?? ABSENT, id ?? ABSENT]
    const args = [names.logins, now.toISOString(), newest, ...after, limit + 1, ...FIELDS]
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
    async start(_trx, login) {
      const { id, userId } = login
      const created = new Date(login.createdAt)
      const args = [names.logins, id, created.getTime(), lifeOf(login.expiresAt, created)]
      const fields = FIELDS.flatMap((name) => [name, login[name] ?? ABSENT])
      const by = login.impersonatedBy === null ? [] : [names.byAdministrator(login.impersonatedBy)]
      await redis.script(START, [names.login(id), names.ofUser(userId), ...by], [...args, ...fields])
    },
    async addTokens(_trx, { loginId, userId, standing, access, refresh }, now) {
      const keys = [
        names.login(loginId),
        names.access(access.hash),
        names.refresh(refresh.hash),
        names.user(userId),
        names.rights,
      ]
      const over = Date.parse(access.expiresAt)
      const lives = [access.expiresAt, over, refresh.expiresAt, lifeOf(refresh.expiresAt, now)]
      const may = [standing.role, standing.rights, standing.grants ?? ABSENT, standing.verified ? 1 : 0]
      await redis.script(ADD_TOKENS, keys, [names.logins, loginId, userId, access.hash, ...lives, ...may])
    },
    spend: async (_trx, hash, now) =>
      isOne(await redis.script(SPEND, [names.refresh(hash)], [names.logins, now.toISOString()])),
    async renew(_trx, { id, expiresAt }, now) {
      const args = [names.logins, now.toISOString(), expiresAt, lifeOf(expiresAt, now)]
      const more = [names.ofUsers, names.accesses, now.getTime(), keepMs]
      return isOne(await redis.script(RENEW, [names.login(id)], [...args, ...more]))
    },
    async end(_trx, which, reason, now) {
      const meant = 'only' in which ? ['only', which.only] : ['except', which.except ?? ABSENT]
      const args = [names.logins, which.userId, now.toISOString(), reason, ...meant]
      return Number(await redis.script(END, [names.ofUser(which.userId)], args))
    },
    async endImpersonations(_trx, administrator, now) {
      const args = [names.logins, now.toISOString()]
      await redis.script(END_IMPERSONATIONS, [names.byAdministrator(administrator)], args)
    },
    async beyond(_trx, userId, keep, now) {
      const args = [names.logins, now.toISOString(), keep, MOST_BEYOND]
      return (fieldsOf(await redis.script(BEYOND, [names.ofUser(userId)], args)) ?? []).map(String)
    },
    async prove(_trx, loginId, now) {
      await redis.script(PROVE, [names.login(loginId)], [now.toISOString()])
    },
    async setStanding(_trx, userId, { role, rights, grants, verified }) {
      const args = [role, grants ?? ABSENT, verified ? 1 : 0, rights]
      await redis.script(SET_STANDING, [names.user(userId), names.rights], args)
    },
    async setRights(_trx, role, rights) {
      await redis.run((client) =>
        rights === null ? client.hdel(names.rights, role) : client.hset(names.rights, role, rights),
      )
    },
  }
}
