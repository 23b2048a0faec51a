import type { contract } from '@plinth/contract'
import type { Handler } from '@plinth/kit'
import { heldUserById } from '../accounts/queries.ts'
import type { CoreDb } from '../db.ts'
import { spendChallenge } from './challenges.ts'
import { descriptorsOf, toPasskey } from './queries.ts'
import type { PasskeySettings } from './settings.ts'
import { lookAtNew } from './verify.ts'

const INVALID = { errors: [{ path: 'credential', message: 'is not accepted' }], commit: true } as const

/** Adds a passkey that was made for a challenge of this login. */
export const register = (site: PasskeySettings): Handler<typeof contract.core.passkeys.register, CoreDb> => ({
  async prepare({ input: { credential, name } }) {
    const looked = await lookAtNew(site, credential)
    return async ({ ctx, fail }) => {
      const { userId, loginId } = ctx.actor
      ctx.audit({ target: userId })
      await heldUserById.first(ctx.db, { id: userId })
      const isOurs =
        looked.challenge !== undefined &&
        (await spendChallenge(ctx, { purpose: 'register', loginId }, looked.challenge))
      if ('reason' in looked) {
        ctx.log.info({ reason: looked.reason }, 'passkey not accepted')
        return fail('PASSKEY_INVALID', INVALID)
      }
      if (!isOurs) return fail('PASSKEY_INVALID', INVALID)
      if ((await descriptorsOf(ctx.db, userId)).length >= site.most) fail('PASSKEYS_FULL')
      const { transports = [] } = credential.response
      const at = ctx.now.toISOString()
      const { credentialId, publicKey, counter, aaguid, synced, backedUp } = looked.found
      const row = await ctx.db
        .insertInto('passkeys')
        .values({
          name,
          counter,
          aaguid,
          synced,
          id: ctx.newId('psk'),
          user_id: userId,
          credential_id: credentialId,
          public_key: publicKey,
          backed_up: backedUp,
          transports: transports.length > 0 ? transports.join(' ') : null,
          created_at: at,
          updated_at: at,
          created_by: userId,
          updated_by: userId,
          last_used_at: null,
          suspended_at: null,
        })
        .returningAll()
        .executeTakeFirstOrThrow()
      ctx.audit({ target: row.id })
      ctx.emit('passkeys.added', { userId, at, name })
      return toPasskey(row)
    }
  },
})
