import type { contract } from '@plinth/contract'
import type { Row } from '@plinth/db'
import type { Handler } from '@plinth/kit'
import { heldUserById } from '../accounts/queries.ts'
import type { CoreDb } from '../db.ts'
import { type SecondFactorDeps, totpOf, totpPlace } from './demand.ts'
import { replaceRecoveryCodes } from './recovery-codes.ts'
import type { SecondFactorSettings } from './settings.ts'
import type { TotpFactorsTable } from './tables.ts'
import { newTotpSecret, totpStep, totpUri } from './totp.ts'

type SecondFactors = typeof contract.core.secondFactors

/** Until when an enrolment can be confirmed; null where it was, or can not be any more. */
export const pendingUntil = (
  { created_at: createdAt, confirmed_at: confirmedAt }: Row<TotpFactorsTable>,
  { enrolmentMs }: SecondFactorSettings,
  now: Date,
): string | null => {
  const until = new Date(Date.parse(createdAt) + enrolmentMs)
  return confirmedAt === null && until > now ? until.toISOString() : null
}

/** Begins an enrolment, in the place of one that was not confirmed. Only what the vault makes of the secret is stored. */
export const enrolTotp =
  (
    { vault }: SecondFactorDeps,
    settings: SecondFactorSettings,
  ): Handler<SecondFactors['enrolTotp'], CoreDb> =>
  async ({ ctx, fail }) => {
    const { userId } = ctx.actor
    ctx.audit({ target: userId })
    const user = (await heldUserById.first(ctx.db, { id: userId })) ?? fail('NOT_FOUND')
    const before = await totpOf(ctx.db, userId)
    if (before && before.confirmed_at !== null) fail('TOTP_ON')
    const secret = newTotpSecret()
    const row = {
      secret: vault.seal(secret, totpPlace(userId)),
      created_at: ctx.now.toISOString(),
      confirmed_at: null,
      last_step: null,
    }
    await ctx.db
      .insertInto('totp_factors')
      .values({ user_id: userId, ...row })
      .onConflict((conflict) => conflict.column('user_id').doUpdateSet(row))
      .execute()
    return {
      secret,
      uri: totpUri(secret, settings.issuer, user.email),
      pendingUntil: new Date(ctx.now.getTime() + settings.enrolmentMs).toISOString(),
    }
  }

/** Switches the app on once a code shows that it has the secret. Of two who confirm at the same time, one does. */
export const confirmTotp =
  (
    { vault, attempts }: SecondFactorDeps,
    settings: SecondFactorSettings,
  ): Handler<SecondFactors['confirmTotp'], CoreDb> =>
  async ({ input: { code }, ctx, fail }) => {
    const { userId } = ctx.actor
    ctx.audit({ target: userId })
    await heldUserById.first(ctx.db, { id: userId })
    const factor = await totpOf(ctx.db, userId)
    if (!factor || factor.confirmed_at !== null) return fail('TOTP_NOT_ENROLLED')
    if (pendingUntil(factor, settings, ctx.now) === null) return fail('ENROLMENT_EXPIRED')
    await attempts.check(ctx, userId)
    const step = totpStep(vault.open(factor.secret, totpPlace(userId)), code, ctx.now)
    if (step === null) {
      await attempts.failed(ctx, userId)
      return fail('SECOND_FACTOR_INVALID', { commit: true, errors: [{ path: 'code', message: 'is wrong' }] })
    }
    const at = ctx.now.toISOString()
    await ctx.db
      .updateTable('totp_factors')
      .set({ confirmed_at: at, last_step: step })
      .where('user_id', '=', userId)
      .execute()
    await attempts.clear(ctx, userId)
    ctx.emit('secondFactors.enabled', { userId, at })
    return { enabledAt: at, recoveryCodes: await replaceRecoveryCodes(ctx.db, userId, ctx.now) }
  }
