import type { Row } from '@plinth/db'
import { networkOf, type newId } from '@plinth/kit'
import { newToken, tokenHash, tokenType } from '../tokens.ts'
import type { Origin } from './logins.ts'
import type { DevicesTable } from './tables.ts'
import { deviceOf } from './user-agent.ts'

/** How many devices of one user are kept; the one that was seen longest ago goes first. */
const MOST = 50

// Without its token a device is taken for the same one for so long, if it comes from the same network.
const FAMILIAR_MS = 90 * 24 * 3_600_000

interface Seen extends Origin {
  newId: (prefix: Parameters<typeof newId>[0]) => string
}

/** What a caller says of the device. */
export interface DeviceClaim {
  readonly token: string | undefined
  readonly name: string | undefined
  readonly country: string | null
}

/** The device of a sign-in; `token` is new and told only once. */
export interface KnownDevice {
  readonly id: string
  readonly token: string | null
  /** As it was before; null for a new one. */
  readonly before: Row<DevicesTable> | null
}

const byToken = ({ db }: Origin, userId: string, token: string) =>
  db
    .selectFrom('devices')
    .selectAll()
    .where('token_hash', '=', tokenHash(token))
    .where('user_id', '=', userId)
    .executeTakeFirst()

const familiar = async ({ db, address, now }: Origin, userId: string, name: string) => {
  const rows = await db
    .selectFrom('devices')
    .selectAll()
    .where('user_id', '=', userId)
    .where('name', '=', name)
    .where('last_seen_at', '>', new Date(now.getTime() - FAMILIAR_MS).toISOString())
    .orderBy('last_seen_at', 'desc')
    .limit(MOST)
    .execute()
  const network = networkOf(address)
  return rows.find(({ last_address: last }) => last !== null && networkOf(last) === network)
}

const add = async (seen: Seen, userId: string, claim: DeviceClaim): Promise<KnownDevice> => {
  const { db, now, address, userAgent } = seen
  const token = newToken('device')
  const { name, platform } = deviceOf(userAgent)
  const id = seen.newId('dev')
  const at = now.toISOString()
  await db
    .insertInto('devices')
    .values({
      id,
      platform,
      user_id: userId,
      token_hash: tokenHash(token),
      name: claim.name ?? name,
      created_at: at,
      last_seen_at: at,
      last_address: address,
      last_country: claim.country,
    })
    .execute()
  const oldest = db
    .selectFrom('devices')
    .select('id')
    .where('user_id', '=', userId)
    .orderBy('last_seen_at', 'desc')
    .orderBy('id', 'desc')
    .offset(MOST)
    .limit(MOST)
  await db.deleteFrom('devices').where('id', 'in', oldest).execute()
  return { id, token, before: null }
}

/**
 * Finds the device that somebody signs in from, by its token or else by what it calls itself and its network, or notes
 * a new one.
 */
export const recogniseDevice = async (
  seen: Seen,
  userId: string,
  claim: DeviceClaim,
): Promise<KnownDevice> => {
  const { db, now, address, userAgent } = seen
  const { token } = claim
  const named =
    token !== undefined && tokenType(token) === 'device' ? await byToken(seen, userId, token) : undefined
  const before = named ?? (await familiar(seen, userId, claim.name ?? deviceOf(userAgent).name))
  if (!before) return add(seen, userId, claim)
  // One that lost its token gets a new one, and the old one is of no use any more.
  const fresh = named ? null : newToken('device')
  await db
    .updateTable('devices')
    .set({ last_seen_at: now.toISOString(), last_address: address, last_country: claim.country })
    .$if(fresh !== null, (query) => query.set({ token_hash: tokenHash(fresh ?? '') }))
    .$if(claim.name !== undefined, (query) => query.set({ name: claim.name ?? before.name }))
    .where('id', '=', before.id)
    .execute()
  return { id: before.id, token: fresh, before }
}

/** Countries that somebody's devices were last seen in, and when any of them was seen last. */
export const whereabouts = (
  { db }: Pick<Origin, 'db'>,
  userId: string,
): Promise<Pick<Row<DevicesTable>, 'last_country' | 'last_seen_at'>[]> =>
  db
    .selectFrom('devices')
    .select(['last_country', 'last_seen_at'])
    .where('user_id', '=', userId)
    .orderBy('last_seen_at', 'desc')
    .limit(MOST)
    .execute()
