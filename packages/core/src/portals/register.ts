import type { contract, PortalName } from '@plinth/contract'
import type { WriteDb } from '@plinth/db'
import type { Handler } from '@plinth/kit'
import { NEW_USER, searchText } from '../accounts/queries.ts'
import type { CoreDb } from '../db.ts'
import { tokenHash, tokenType } from '../tokens.ts'
import type { PortalDeps } from './handlers.ts'
import { profileOf, toProfile } from './profiles.ts'

type Register = typeof contract.core.organizers.register
type Refuse = (code: 'INVITATION_UNKNOWN' | 'INVITATION_EXPIRED') => never

const BY_ITSELF = 'system'

/** Uses an invitation up. Of several who use one at the same time, one does. */
const accept = async (
  db: WriteDb<CoreDb>,
  { portal, email, token, at }: { portal: PortalName; email: string; token: string; at: string },
  refuse: Refuse,
): Promise<void> => {
  if (tokenType(token) !== 'invitation') refuse('INVITATION_UNKNOWN')
  const found = await db
    .updateTable('portal_invitations')
    .set({ used_at: at })
    .where('hash', '=', tokenHash(token))
    .where('portal', '=', portal)
    .where('email', '=', email)
    .where('used_at', 'is', null)
    .returning('expires_at')
    .executeTakeFirst()
  const { expires_at: expiresAt } = found ?? refuse('INVITATION_UNKNOWN')
  if (expiresAt <= at) refuse('INVITATION_EXPIRED')
}

/** Registers the principal of a portal: who was invited may act at once, for the mail proved the address. */
export const register = (
  portal: PortalName,
  { passwords, weakness, files }: PortalDeps,
): Handler<Register, CoreDb> => ({
  async prepare({ input: { email, name, password }, fail }) {
    const message = await weakness(password, { email, name })
    if (message) fail('WEAK_PASSWORD', { errors: [{ path: 'password', message }] })
    const passwordHash = await passwords.hash(password)
    return async ({ input, ctx, fail: refuse }) => {
      const { organization, phone = null, locale, timeZone, invitation } = input
      const at = ctx.now.toISOString()
      if (invitation !== undefined) await accept(ctx.db, { portal, email, token: invitation, at }, refuse)
      const id = ctx.newId('usr')
      const written = { created_at: at, updated_at: at, created_by: BY_ITSELF, updated_by: BY_ITSELF }
      await ctx.db
        .insertInto('users')
        .values({
          ...NEW_USER,
          ...written,
          id,
          email,
          name,
          phone,
          locale,
          portal,
          time_zone: timeZone,
          role: 'user',
          state: invitation === undefined ? 'pending' : 'active',
          email_verified_at: invitation === undefined ? null : at,
          password_hash: passwordHash,
          folded_text: searchText({ email, name }),
        })
        .execute()
      await ctx.db
        .insertInto('portal_profiles')
        .values({ user_id: id, organization, image_key: null, image_type: null, ...written })
        .execute()
      ctx.audit({ actorId: id, target: id })
      if (invitation === undefined) ctx.emit('accounts.registered', { userId: id })
      return toProfile(files, (await profileOf(ctx.db, id)) ?? refuse('NOT_FOUND'))
    }
  },
})
