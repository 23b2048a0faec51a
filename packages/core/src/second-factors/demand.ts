import type { SecondFactor } from '@plinth/contract'
import type { WriteDb } from '@plinth/db'
import type { Vault } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import type { Attempts, Trying } from './attempts.ts'
import { recoveryCodesLeft, spendRecoveryCode } from './recovery-codes.ts'
import { totpStep } from './totp.ts'

/** What second factors are checked with. */
export interface SecondFactorDeps {
  readonly vault: Vault
  readonly attempts: Attempts
}

/** What checking a second factor works with of a handler's context: that of any mutation. */
export interface FactorContext extends Trying {
  emit(type: string, payload: Readonly<Record<string, unknown>>): void
}

/** Which second factor was used. */
export type UsedFactor = 'totp' | 'recovery-code'

type Refuse<Code extends string> = (code: Code, options: { readonly commit: true }) => never

/** Where the secret of an account's app belongs in the vault. */
export const totpPlace = (userId: string): string => `totp ${userId}`

/** The authenticator app of an account, be it confirmed or not. */
export const totpOf = (db: Pick<WriteDb<CoreDb>, 'selectFrom'>, userId: string) =>
  db.selectFrom('totp_factors').selectAll().where('user_id', '=', userId).executeTakeFirst()

type Factor = NonNullable<Awaited<ReturnType<typeof totpOf>>>

const spendCode = async (
  { vault }: SecondFactorDeps,
  { db, now }: Trying,
  { user_id: userId, secret }: Factor,
  code: string,
): Promise<boolean> => {
  const step = totpStep(vault.open(secret, totpPlace(userId)), code, now)
  if (step === null) return false
  // Of many who bring the same code, the one who moves the step has used it.
  const { numUpdatedRows } = await db
    .updateTable('totp_factors')
    .set({ last_step: step })
    .where('user_id', '=', userId)
    .where('last_step', '<', step)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

const spend = async (
  deps: SecondFactorDeps,
  ctx: FactorContext,
  factor: Factor,
  given: SecondFactor,
): Promise<UsedFactor | null> => {
  if ('code' in given) return (await spendCode(deps, ctx, factor, given.code)) ? 'totp' : null
  const userId = factor.user_id
  if (!(await spendRecoveryCode(ctx.db, userId, given.recoveryCode, ctx.now))) return null
  const left = await recoveryCodesLeft(ctx.db, userId)
  ctx.emit('secondFactors.recoveryCodeUsed', { userId, at: ctx.now.toISOString(), left })
  return 'recovery-code'
}

/**
 * Uses up a second factor of an account that has one on, or refuses and counts the try. Call it inside the mutation's
 * transaction with the user's row held.
 */
export const useSecondFactor = async (
  deps: SecondFactorDeps,
  ctx: FactorContext,
  factor: Factor,
  given: SecondFactor,
  refuse: Refuse<'SECOND_FACTOR_INVALID'>,
): Promise<UsedFactor> => {
  const { attempts } = deps
  const userId = factor.user_id
  await attempts.check(ctx, userId)
  const used = await spend(deps, ctx, factor, given)
  if (!used) {
    if (await attempts.failed(ctx, userId))
      ctx.emit('secondFactors.guessedAt', { userId, at: ctx.now.toISOString() })
    return refuse('SECOND_FACTOR_INVALID', { commit: true })
  }
  await attempts.clear(ctx, userId)
  return used
}

/**
 * Demands the second factor of an account that has one on, whichever way somebody signs in; answers what was used, and
 * null where none is on. Call it after the first factor was right, inside the mutation's transaction with the user's row
 * held. A passkey needs no second factor: it is two by itself, the device and what unlocks it.
 */
export const demandSecondFactor = async (
  deps: SecondFactorDeps,
  ctx: FactorContext,
  user: { readonly id: string },
  given: SecondFactor | undefined,
  refuse: Refuse<'SECOND_FACTOR_NEEDED' | 'SECOND_FACTOR_INVALID'>,
): Promise<UsedFactor | null> => {
  const factor = await totpOf(ctx.db, user.id)
  if (!factor || factor.confirmed_at === null) return null
  if (!given) return refuse('SECOND_FACTOR_NEEDED', { commit: true })
  return useSecondFactor(deps, ctx, factor, given, refuse)
}
