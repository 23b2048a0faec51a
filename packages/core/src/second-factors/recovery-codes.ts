import { randomBytes } from 'node:crypto'
import type { WriteDb } from '@plinth/db'
import type { CoreDb } from '../db.ts'
import { tokenHash } from '../tokens.ts'

const COUNT = 10
const SIGNS = 20
const GROUP = /.{5}(?=.)/g
// Crockford's base 32: without letters that are read as digits.
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const FORM = new RegExp(`^[${ALPHABET}]{${SIGNS}}$`)

// 100 random bits, so that a fast hash without salt is enough.
const newCode = (): string => {
  // 32 divides 256: every sign is as likely as any other.
  const signs = Array.from(randomBytes(SIGNS), (byte) => ALPHABET[byte % ALPHABET.length])
  return signs.join('').replace(GROUP, '$&-')
}

const plain = (code: string): string =>
  code.toLowerCase().replace(/[\s-]/g, '').replaceAll('o', '0').replace(/[il]/g, '1')

/** Puts ten new recovery codes in the place of those that an account has; answers them in clear, for once. */
export const replaceRecoveryCodes = async (
  db: WriteDb<CoreDb>,
  userId: string,
  now: Date,
): Promise<string[]> => {
  const codes = Array.from({ length: COUNT }, newCode)
  const made = { user_id: userId, created_at: now.toISOString(), used_at: null }
  await db.deleteFrom('recovery_codes').where('user_id', '=', userId).execute()
  await db
    .insertInto('recovery_codes')
    .values(codes.map((code) => ({ ...made, hash: tokenHash(plain(code)) })))
    .execute()
  return codes
}

/** Spends a recovery code, as its owner writes it; false where it is none, or was spent before. */
export const spendRecoveryCode = async (
  db: WriteDb<CoreDb>,
  userId: string,
  code: string,
  now: Date,
): Promise<boolean> => {
  const signs = plain(code)
  if (!FORM.test(signs)) return false
  const { numUpdatedRows } = await db
    .updateTable('recovery_codes')
    .set({ used_at: now.toISOString() })
    .where('user_id', '=', userId)
    .where('hash', '=', tokenHash(signs))
    .where('used_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** How many recovery codes an account can still use. */
export const recoveryCodesLeft = async (
  db: Pick<WriteDb<CoreDb>, 'selectFrom'>,
  userId: string,
): Promise<number> => {
  const { count } = await db
    .selectFrom('recovery_codes')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('user_id', '=', userId)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(count)
}
