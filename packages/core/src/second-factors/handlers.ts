import { contract } from '@plinth/contract'
import { passkeyCount } from '../access/ways-in.ts'
import { heldUserById } from '../accounts/queries.ts'
import { implement } from '../implement.ts'
import { type SecondFactorDeps, totpOf, useSecondFactor } from './demand.ts'
import { confirmTotp, enrolTotp, pendingUntil } from './enrol.ts'
import { recoveryCodesLeft, replaceRecoveryCodes } from './recovery-codes.ts'
import type { SecondFactorSettings } from './settings.ts'

/** Second factors: authenticator apps and recovery codes. */
export const secondFactors = (deps: SecondFactorDeps, settings: SecondFactorSettings) =>
  implement(contract.core.secondFactors, {
    async get({ ctx }) {
      const { userId } = ctx.actor
      const factor = await totpOf(ctx.db, userId)
      return {
        totp: {
          enabledAt: factor?.confirmed_at ?? null,
          pendingUntil: factor ? pendingUntil(factor, settings, ctx.now) : null,
        },
        recoveryCodesLeft: await recoveryCodesLeft(ctx.db, userId),
        passkeys: await passkeyCount(ctx.db, userId),
      }
    },

    enrolTotp: enrolTotp(deps, settings),
    confirmTotp: confirmTotp(deps, settings),

    async disableTotp({ input: { secondFactor }, ctx, fail }) {
      const { userId } = ctx.actor
      ctx.audit({ target: userId })
      await heldUserById.first(ctx.db, { id: userId })
      const factor = await totpOf(ctx.db, userId)
      if (!factor || factor.confirmed_at === null) return fail('TOTP_OFF')
      await useSecondFactor(deps, ctx, factor, secondFactor, fail)
      await ctx.db.deleteFrom('totp_factors').where('user_id', '=', userId).execute()
      const at = ctx.now.toISOString()
      ctx.emit('secondFactors.disabled', { userId, at })
      return { disabledAt: at }
    },

    async renewRecoveryCodes({ ctx, fail }) {
      const { userId } = ctx.actor
      ctx.audit({ target: userId })
      await heldUserById.first(ctx.db, { id: userId })
      const factor = await totpOf(ctx.db, userId)
      if (!factor || factor.confirmed_at === null) return fail('TOTP_OFF')
      ctx.emit('secondFactors.recoveryCodesRenewed', { userId, at: ctx.now.toISOString() })
      return { recoveryCodes: await replaceRecoveryCodes(ctx.db, userId, ctx.now) }
    },
  })
