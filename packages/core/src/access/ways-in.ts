import type { ReadDb, WriteDb } from '@plinth/db'
import type { CoreDb } from '../db.ts'

/** What an account can be signed in to with. */
export interface WaysIn {
  readonly password: boolean
  /** How many passkeys work. */
  readonly passkeys: number
  /** How many accounts at providers are linked. */
  readonly identities: number
}

type AnyDb = Pick<ReadDb<CoreDb> | WriteDb<CoreDb>, 'selectFrom'>

/** How many passkeys of an account can sign in. */
export const passkeyCount = async (db: AnyDb, userId: string): Promise<number> => {
  const { count } = await db
    .selectFrom('passkeys')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('user_id', '=', userId)
    .where('suspended_at', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** How many accounts at providers are linked to an account. */
export const identityCount = async (db: AnyDb, userId: string): Promise<number> => {
  const { count } = await db
    .selectFrom('identities')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow()
  return Number(count)
}

const hasPassword = async (db: AnyDb, userId: string): Promise<boolean> => {
  const user = await db
    .selectFrom('users')
    .select('id')
    .where('id', '=', userId)
    .where('password_hash', 'is not', null)
    .executeTakeFirst()
  return user !== undefined
}

/** Every way in to an account. A new kind of way is added here, and is thereby counted wherever one is taken away. */
export const waysIn = async (db: AnyDb, userId: string): Promise<WaysIn> => ({
  password: await hasPassword(db, userId),
  passkeys: await passkeyCount(db, userId),
  identities: await identityCount(db, userId),
})

/**
 * Whether an account can still be signed in to. Ask it after a way was taken away, in that transaction and with the
 * user's row held: of two who take away the last two at the same time, one is refused.
 */
export const hasWayIn = async (db: AnyDb, userId: string): Promise<boolean> =>
  Object.values(await waysIn(db, userId)).some((way) => Number(way) > 0)
