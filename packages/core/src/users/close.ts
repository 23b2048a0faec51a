import type { Row, WriteDb } from '@plinth/db'
import type { EndReason, LoginStore } from '@plinth/kit'
import { forgetPendingEmail } from '../accounts/forget-email.ts'
import type { AccountState, UsersTable } from '../accounts/tables.ts'
import type { CoreDb } from '../db.ts'

/** Who changes an account, when, and in which transaction. */
export interface Changing {
  readonly db: WriteDb<CoreDb>
  readonly now: Date
  readonly actor: { readonly userId: string }
}

/** Ends every login of an account, and those in which its holder acts for others; answers how many of its own. */
export const endAll = async (
  logins: LoginStore,
  { db, now }: Changing,
  userId: string,
  reason: EndReason,
): Promise<number> => {
  await logins.endImpersonations(db, userId, now)
  await forgetPendingEmail(db, userId, now)
  return logins.end(db, { userId, except: null }, reason, now)
}

/** Deletes an account that is held: it is hidden from now on, and its logins end. */
export const closeAccount = async (logins: LoginStore, ctx: Changing, userId: string) => {
  const at = ctx.now.toISOString()
  await ctx.db
    .updateTable('users')
    .set({ deleted_at: at, updated_at: at, updated_by: ctx.actor.userId })
    .where('id', '=', userId)
    .execute()
  return { id: userId, deletedAt: at, endedLogins: await endAll(logins, ctx, userId, 'account-closed') }
}

/** Changes the state of an account that is held; all logins end unless it may be used from now on. */
export const setState = async (
  logins: LoginStore,
  ctx: Changing,
  userId: string,
  { state, reason }: { state: AccountState; reason: string | null },
): Promise<Row<UsersTable>> => {
  const at = ctx.now.toISOString()
  if (state !== 'active') await endAll(logins, ctx, userId, 'forced')
  return ctx.db
    .updateTable('users')
    .set({ state, state_reason: reason, state_at: at, updated_at: at, updated_by: ctx.actor.userId })
    .where('id', '=', userId)
    .returningAll()
    .executeTakeFirstOrThrow()
}
