import type { Assertion } from '@plinth/contract'
import type { ReadDb, Row, WriteDb } from '@plinth/db'
import { auditEffect, type LoginStore } from '@plinth/kit'
import { heldUserById } from '../accounts/queries.ts'
import type { UsersTable } from '../accounts/tables.ts'
import type { CoreDb } from '../db.ts'
import { type ChallengeFor, spendChallenge } from './challenges.ts'
import { passkeyByCredential, userHandleOf } from './queries.ts'
import type { PasskeySettings } from './settings.ts'
import type { PasskeysTable } from './tables.ts'
import { type Looked, lookAtSigned, type Signed } from './verify.ts'

/** What using a passkey works with of a handler's context: that of any mutation. */
export interface UseContext {
  readonly db: WriteDb<CoreDb>
  readonly now: Date
  readonly requestId: string
  readonly log: { info(fields: object, message: string): void }
  emit(type: string, payload: Readonly<Record<string, unknown>>): void
}

/** A signature with the passkey that it says it is of, looked at but not used yet. */
export interface Presented {
  readonly assertion: Assertion
  readonly known: Row<PasskeysTable> | undefined
  readonly looked: Looked<Signed>
}

/** Looks at a signature before the transaction that uses it. */
export const present = async (
  site: PasskeySettings,
  db: ReadDb<CoreDb>,
  assertion: Assertion,
): Promise<Presented> => {
  const known = await passkeyByCredential.first(db, { credentialId: assertion.id })
  return { assertion, known, looked: await lookAtSigned(site, assertion, known) }
}

// A key that signs with a number that was used already is held by two (WebAuthn, section 6.1.1): one of them is not the
// owner, and may be signed in.
const suspend = async (ctx: UseContext, logins: LoginStore, passkey: Row<PasskeysTable>): Promise<void> => {
  const { id, user_id: userId, name } = passkey
  const at = ctx.now.toISOString()
  await ctx.db.updateTable('passkeys').set({ suspended_at: at }).where('id', '=', id).execute()
  await auditEffect(ctx.db, {
    action: 'core.passkeys.suspend',
    target: id,
    cause: ctx.requestId,
    now: ctx.now,
  })
  await logins.end(ctx.db, { userId, except: null }, 'forced', ctx.now)
  ctx.emit('passkeys.suspended', { userId, at, name })
}

const isCopied = ({ counter }: Signed, { counter: before }: Row<PasskeysTable>): boolean =>
  (counter > 0 || before > 0) && counter <= before

/** Whose handle was given, where one was; to sign in it must be, for nothing else says who it is about. */
const handleFits = ({ response }: Assertion, userId: string, { purpose }: ChallengeFor): boolean =>
  response.userHandle ? response.userHandle === userHandleOf(userId) : purpose !== 'sign-in'

/**
 * Uses a signature up, in a mutation's transaction: answers the passkey's owner, whose row it holds, or null where it is
 * not accepted; commit then too, for the challenge is spent, and a passkey that was copied is suspended.
 */
export const usePasskey = async (
  ctx: UseContext,
  logins: LoginStore,
  { assertion, known, looked }: Presented,
  what: ChallengeFor,
): Promise<Row<UsersTable> | null> => {
  const user = known && (await heldUserById.first(ctx.db, { id: known.user_id }))
  const isOurs = looked.challenge !== undefined && (await spendChallenge(ctx, what, looked.challenge))
  if ('reason' in looked) {
    ctx.log.info({ reason: looked.reason }, 'passkey not accepted')
    return null
  }
  // It may have been removed or used since it was looked at.
  const passkey = await passkeyByCredential.first(ctx.db, { credentialId: assertion.id })
  if (!isOurs || !user || user.portal !== null || passkey?.user_id !== user.id) return null
  if (passkey.suspended_at !== null || !handleFits(assertion, user.id, what)) return null
  const signed = looked.found
  if (isCopied(signed, passkey)) {
    await suspend(ctx, logins, passkey)
    return null
  }
  await ctx.db
    .updateTable('passkeys')
    .set({
      counter: signed.counter,
      // One that is not synced can not be backed up, whatever it says now.
      backed_up: passkey.synced && signed.backedUp,
      last_used_at: ctx.now.toISOString(),
    })
    .where('id', '=', passkey.id)
    .execute()
  return user
}
