import type { contract, PortalName } from '@plinth/contract'
import type { Handlers, LoginStore, Subscriber } from '@plinth/kit'
import { FOR_A_DAY, hours } from '../accounts/verification.ts'
import type { CoreDb } from '../db.ts'
import type { CoreDeps } from '../settings.ts'
import { newToken, tokenHash } from '../tokens.ts'
import { closeAccount, setState } from '../users/close.ts'
import { holdUser } from '../users/guards.ts'
import { toUser } from '../users/queries.ts'

type Managing = Pick<typeof contract.core.organizers, 'invite' | 'approve' | 'reject'>

const INVITED = 'portals.invited'
const REJECTED = 'portals.rejected'
const INVITATION_MS = 7 * 24 * 3_600_000

/** Letting principals into a portal: by invitation, or by approval of those who registered themselves. */
export const managing = (portal: PortalName, logins: LoginStore): Handlers<Managing, CoreDb> => ({
  async invite({ input: { email }, ctx }) {
    const at = ctx.now.toISOString()
    const expiresAt = new Date(ctx.now.getTime() + INVITATION_MS).toISOString()
    const id = ctx.newId('inv')
    // The newest invitation counts.
    await ctx.db
      .updateTable('portal_invitations')
      .set({ used_at: at })
      .where('portal', '=', portal)
      .where('email', '=', email)
      .where('used_at', 'is', null)
      .execute()
    await ctx.db
      .insertInto('portal_invitations')
      .values({
        id,
        portal,
        email,
        hash: null,
        created_at: at,
        created_by: ctx.actor.userId,
        expires_at: expiresAt,
        used_at: null,
      })
      .execute()
    ctx.emit(INVITED, { id })
    ctx.audit({ target: id })
    return { email, expiresAt }
  },

  async approve({ input: { id }, ctx, fail }) {
    const user = await holdUser(ctx.db, id)
    if (!user || user.portal !== portal || user.deleted_at !== null) return fail('NOT_FOUND')
    if (user.state !== 'pending') fail('NOT_PENDING')
    ctx.emit('accounts.stateChanged', { userId: id, state: 'active' })
    return toUser(await setState(logins, ctx, id, { state: 'active', reason: null }))
  },

  async reject({ input: { id, reason }, ctx, fail }) {
    const user = await holdUser(ctx.db, id)
    if (!user || user.portal !== portal || user.deleted_at !== null) return fail('NOT_FOUND')
    if (user.state !== 'pending') fail('NOT_PENDING')
    await setState(logins, ctx, id, { state: 'pending', reason })
    const { deletedAt } = await closeAccount(logins, ctx, id)
    ctx.emit(REJECTED, { id })
    return { id, deletedAt }
  },
})

const idOf = (payload: unknown): string => {
  const id: unknown = typeof payload === 'object' && payload !== null ? Reflect.get(payload, 'id') : null
  if (typeof id !== 'string') throw new TypeError('the event carries no id')
  return id
}

/** Makes the token of an invitation when its mail is sent; a try that is repeated makes a new one. */
const sendInvitation = async ({ db, mailer, settings }: CoreDeps, id: string): Promise<void> => {
  const token = newToken('invitation')
  const found = await db.as<CoreDb>().transaction((trx) =>
    trx
      .updateTable('portal_invitations')
      .set({ hash: tokenHash(token) })
      .where('id', '=', id)
      .where('used_at', 'is', null)
      .returning(['portal', 'email'])
      .executeTakeFirst(),
  )
  if (!found) return
  await mailer.send({
    to: found.email,
    subject: 'An invitation',
    text: [
      'Hello,',
      `you are invited to register as ${found.portal}. Open this link to do so:`,
      `${settings.webUrl}/${found.portal}/register?invitation=${token}`,
      `It works once, for ${hours(INVITATION_MS)}. If you did not expect it, ignore this mail.`,
    ].join('\n\n'),
  })
}

const tellRejected = async ({ db, mailer }: CoreDeps, id: string): Promise<void> => {
  const user = await db
    .as<CoreDb>()
    .read.selectFrom('users')
    .select(['email', 'name', 'state_reason'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (!user) return
  await mailer.send({
    to: user.email,
    subject: 'Your registration was rejected',
    text: [`Hello ${user.name},`, `your registration was rejected: ${user.state_reason ?? ''}`].join('\n\n'),
  })
}

/** Mails to those who are invited to a portal, or rejected. */
export const portalMails = (deps: CoreDeps): Subscriber[] => [
  {
    event: INVITED,
    job: 'send-invitation',
    retry: FOR_A_DAY,
    run: (payload) => sendInvitation(deps, idOf(payload)),
  },
  {
    event: REJECTED,
    job: 'tell-rejected',
    retry: FOR_A_DAY,
    run: (payload) => tellRejected(deps, idOf(payload)),
  },
]
