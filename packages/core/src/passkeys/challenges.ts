import { randomBytes } from 'node:crypto'
import type { WriteDb } from '@plinth/db'
import type { CoreDb } from '../db.ts'
import { tokenHash } from '../tokens.ts'
import type { PasskeyChallengesTable } from './tables.ts'

/** What a challenge is for: one that is signed serves for nothing else, and in no other login. */
export interface ChallengeFor {
  readonly purpose: PasskeyChallengesTable['purpose']
  /** The login that asks; null where somebody signs in. */
  readonly loginId: string | null
}

interface At {
  readonly db: WriteDb<CoreDb>
  readonly now: Date
}

const CHALLENGE_BYTES = 32

const keyOf = ({ purpose, loginId }: ChallengeFor, challenge: string): string =>
  tokenHash(`${purpose} ${loginId ?? ''} ${challenge}`)

/** Makes a challenge, of which only a hash is stored. A login has one for each purpose: the newest. */
export const newChallenge = async ({ db, now }: At, what: ChallengeFor, lifeMs: number): Promise<string> => {
  const challenge = randomBytes(CHALLENGE_BYTES).toString('base64url')
  if (what.loginId !== null)
    await db
      .deleteFrom('passkey_challenges')
      .where('login_id', '=', what.loginId)
      .where('purpose', '=', what.purpose)
      .execute()
  await db
    .insertInto('passkey_challenges')
    .values({
      hash: keyOf(what, challenge),
      purpose: what.purpose,
      login_id: what.loginId,
      created_at: now.toISOString(),
      expires_at: new Date(now.getTime() + lifeMs).toISOString(),
    })
    .execute()
  return challenge
}

/** Uses a challenge up; false where it is not known, was used, has expired, or was made for something else. */
export const spendChallenge = async (
  { db, now }: At,
  what: ChallengeFor,
  challenge: string,
): Promise<boolean> => {
  const { numDeletedRows } = await db
    .deleteFrom('passkey_challenges')
    .where('hash', '=', keyOf(what, challenge))
    .where('expires_at', '>', now.toISOString())
    .executeTakeFirst()
  return numDeletedRows === 1n
}
