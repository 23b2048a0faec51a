import type { RetryRule, Subscriber } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import type { CoreDeps } from '../settings.ts'
import { newToken, tokenHash } from '../tokens.ts'
import { REQUESTED } from './request.ts'
import { codeHash, newCode } from './secret.ts'
import type { OneTimeCodesTable, OtpPurpose } from './tables.ts'
import { type Letter, resetLetter } from './texts.ts'

// As long as the code is good, often: somebody waits for it.
const WHILE_GOOD: RetryRule = { maxAttempts: 200, maxPauseMs: 30_000 }

const LETTERS: Readonly<
  Record<OtpPurpose, (letter: Letter) => { subject: string; text: string; sms: string }>
> = { 'reset-password': resetLetter }

const idOf = (payload: unknown): string => {
  if (
    typeof payload === 'object' &&
    payload !== null &&
    'codeId' in payload &&
    typeof payload.codeId === 'string'
  )
    return payload.codeId
  throw new TypeError('the event carries no codeId')
}

/** Makes the secret of a request, in the place of one that a try before this made; null where it is not waited for any more. */
const issue = ({ db, clock, vault }: CoreDeps, id: string) =>
  db.as<CoreDb>().transaction(async (trx) => {
    const row = await trx
      .selectFrom('one_time_codes')
      .leftJoin('users', (join) =>
        join.onRef('users.id', '=', 'one_time_codes.user_id').on('users.deleted_at', 'is', null),
      )
      .selectAll('one_time_codes')
      .select('users.name')
      .where('one_time_codes.id', '=', id)
      .where('ended_at', 'is', null)
      .where('expires_at', '>', clock.now().toISOString())
      .executeTakeFirst()
    if (!row) return null
    const isCode = row.form === 'code'
    const secret = isCode ? newCode() : newToken('reset')
    await trx
      .updateTable('one_time_codes')
      .set({ secret: isCode ? codeHash(vault, id, secret) : tokenHash(secret) })
      .where('id', '=', id)
      .where('ended_at', 'is', null)
      .execute()
    return { ...row, clear: secret }
  })

const lifeOf = ({ created_at, expires_at }: Pick<OneTimeCodesTable, 'created_at' | 'expires_at'>): number =>
  Date.parse(expires_at) - Date.parse(created_at)

/**
 * Makes codes and links and sends them; no other place ever has one in clear. For a recipient without an account one is
 * made like any other, and not sent. A try that is repeated sends a new one.
 */
export const sendCodes = (deps: CoreDeps): Subscriber => {
  const log = deps.log.module('otp')
  return {
    event: REQUESTED,
    job: 'send-one-time-code',
    retry: WHILE_GOOD,
    async run(payload) {
      const issued = await issue(deps, idOf(payload))
      if (!issued || issued.name === null) return
      const { id, purpose, audience, form, channel, sealed, name, clear } = issued
      const to = deps.vault.open(sealed, id)
      const { webUrl } = deps.settings
      const letter = LETTERS[purpose]({ name, audience, form, secret: clear, lifeMs: lifeOf(issued), webUrl })
      if (channel === 'sms') await deps.sms.send({ to, text: letter.sms })
      else await deps.mailer.send({ to, subject: letter.subject, text: letter.text })
      log.info({ codeId: id, purpose, audience, form, channel }, 'one-time code sent')
    },
  }
}
