import type { contract } from '@plinth/contract'
import type { Handler } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import type { Recipient } from '../otp/recipient.ts'
import { REQUESTED, requestCode } from '../otp/request.ts'
import { findReached } from './find.ts'
import type { PasswordDeps } from './handlers.ts'

type Forgot = typeof contract.core.passwords.forgot

/** Where the input says that a code goes; the contract sees to it that there is one. */
export const recipientOf = ({
  email,
  phone,
}: {
  readonly email?: string | undefined
  readonly phone?: string | undefined
}): Recipient =>
  phone === undefined ? { channel: 'mail', address: email ?? '' } : { channel: 'sms', address: phone }

const seconds = (ms: number): number => Math.ceil(ms / 1000)

/** Takes a request for a code or link. Where there is no account, the same is written and the same is answered. */
export const forgot =
  (deps: PasswordDeps): Handler<Forgot, CoreDb> =>
  async ({ input, ctx, fail }) => {
    const { portal } = deps
    const recipient = recipientOf(input)
    const user = await findReached(ctx.db, recipient, portal)
    if (user) ctx.audit({ target: user.id })
    const asked = {
      purpose: 'reset-password',
      audience: portal ?? 'user',
      form: input.by,
      recipient,
      userId: user?.id ?? null,
    } as const
    const requested = await requestCode(deps, ctx.db, asked, ctx.now)
    if ('retryAfterMs' in requested)
      return fail('CODE_TOO_SOON', { headers: { 'retry-after': String(seconds(requested.retryAfterMs)) } })
    const { id, expiresAt } = requested
    ctx.emit(REQUESTED, { codeId: id })
    const { purpose, audience, form } = asked
    deps.log
      .module('otp')
      .info(
        { requestId: ctx.requestId, codeId: id, purpose, audience, form, channel: recipient.channel },
        'one-time code asked for',
      )
    const { coolDownMs } = deps.settings.otp
    return { requestedAt: ctx.now.toISOString(), expiresAt, retryAfterSeconds: seconds(coolDownMs) }
  }
