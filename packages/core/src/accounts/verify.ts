import type { contract } from '@plinth/contract'
import type { WriteDb } from '@plinth/db'
import type { Handler, LoginStore } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import { standingOf } from '../sessions/standing.ts'
import { tokenHash, tokenType } from '../tokens.ts'
import { toAccount } from './queries.ts'

const find = (db: WriteDb<CoreDb>, token: string) =>
  db
    .selectFrom('email_verifications')
    .innerJoin('users', 'users.id', 'email_verifications.user_id')
    .select([
      'email_verifications.hash',
      'email_verifications.user_id',
      'email_verifications.email',
      'email_verifications.expires_at',
      'email_verifications.used_at',
      'users.email_verified_at',
    ])
    .where('email_verifications.hash', '=', tokenHash(token))
    .where('email_verifications.purpose', '=', 'verify')
    .executeTakeFirst()

/** Proves an address. Of two calls with one token at the same time, one proves it and the other is told so. */
export const verify =
  (logins: LoginStore): Handler<typeof contract.core.accounts.verify, CoreDb> =>
  async ({ input, ctx, fail }) => {
    if (tokenType(input.token) !== 'verification') fail('VERIFICATION_UNKNOWN')
    const found = (await find(ctx.db, input.token)) ?? fail('VERIFICATION_UNKNOWN')
    if (found.email_verified_at !== null) fail('ALREADY_VERIFIED')
    if (found.used_at !== null) fail('VERIFICATION_UNKNOWN')
    const at = ctx.now.toISOString()
    if (found.expires_at <= at) fail('VERIFICATION_EXPIRED')
    const spent = await ctx.db
      .updateTable('email_verifications')
      .set({ used_at: at })
      .where('hash', '=', found.hash)
      .where('used_at', 'is', null)
      .executeTakeFirst()
    if (spent.numUpdatedRows === 0n) fail('ALREADY_VERIFIED')
    const user = await ctx.db
      .updateTable('users')
      .set({ email_verified_at: at, updated_at: at, updated_by: found.user_id })
      .where('id', '=', found.user_id)
      .where('email', '=', found.email)
      .returningAll()
      .executeTakeFirst()
    if (user) await logins.setStanding(ctx.db, user.id, await standingOf(ctx.db, user))
    ctx.emit('accounts.verified', { userId: found.user_id })
    ctx.audit({ actorId: found.user_id })
    return toAccount(user ?? fail('VERIFICATION_UNKNOWN'))
  }
