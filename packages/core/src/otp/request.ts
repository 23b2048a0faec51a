import type { Database, WriteDb } from '@plinth/db'
import { type KitTables, newId, type Vault } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import type { OtpSettings } from '../settings.ts'
import { markOf, type Recipient } from './recipient.ts'
import type { Audience, OneTimeCodesTable, OtpPurpose } from './tables.ts'

/** What codes are kept and looked at with. */
export interface OtpDeps {
  readonly db: Database<KitTables>
  readonly vault: Vault
  readonly settings: { readonly otp: OtpSettings }
}

/** A code or link that somebody asks for. */
export interface OtpRequest {
  readonly purpose: OtpPurpose
  readonly audience: Audience
  readonly form: OneTimeCodesTable['form']
  readonly recipient: Recipient
  /** Whose account it is; null where there is none: all goes the same way, and nothing is sent. */
  readonly userId: string | null
}

/** What became of it: kept, to be sent once this commits; or too early by so many milliseconds. */
export type OtpRequested =
  | { readonly id: string; readonly expiresAt: string }
  | { readonly retryAfterMs: number }

/** The event after which a code is made and sent. */
export const REQUESTED = 'codes.requested'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

type Sent = Pick<OneTimeCodesTable, 'purpose' | 'audience' | 'created_at'>

/** How long to wait for a bound of `most` within a time; `sent` is newest first. */
const waitFor = (sent: readonly Sent[], most: number, withinMs: number, now: number): number => {
  const first = sent[most - 1]
  return first ? Date.parse(first.created_at) + withinMs - now : 0
}

const waitMs = (
  sent: readonly Sent[],
  { purpose, audience }: OtpRequest,
  { coolDownMs, perHour, perDay }: OtpSettings,
  now: number,
): number => {
  const same = sent.filter((each) => each.purpose === purpose && each.audience === audience)
  return Math.max(
    waitFor(same, 1, coolDownMs, now),
    waitFor(sent, perHour, HOUR_MS, now),
    waitFor(sent, perDay, DAY_MS, now),
  )
}

const lately = (db: WriteDb<CoreDb>, recipient: string, now: Date, most: number): Promise<Sent[]> =>
  db
    .selectFrom('one_time_codes')
    .select(['purpose', 'audience', 'created_at'])
    .where('recipient', '=', recipient)
    .where('created_at', '>', new Date(now.getTime() - DAY_MS).toISOString())
    .orderBy('created_at', 'desc')
    .limit(most)
    .execute()

const replaceEarlier = (db: WriteDb<CoreDb>, recipient: string, asked: OtpRequest, at: string) =>
  db
    .updateTable('one_time_codes')
    .set({ ended_at: at, end_reason: 'replaced' })
    .where('recipient', '=', recipient)
    .where('purpose', '=', asked.purpose)
    .where('audience', '=', asked.audience)
    .where('ended_at', 'is', null)
    .execute()

/**
 * Keeps that a code was asked for, and sets the one before aside; the code itself is made by whoever sends it. Of
 * several requests for one recipient at the same time one is kept, in however many processes they are.
 */
export const requestCode = async (
  { db: outer, vault, settings: { otp } }: OtpDeps,
  db: WriteDb<CoreDb>,
  asked: OtpRequest,
  now: Date,
): Promise<OtpRequested> => {
  const recipient = markOf(vault, asked.recipient)
  if (!(await outer.dialect.tryLock(db, `otp:${recipient}`))) return { retryAfterMs: otp.coolDownMs }
  const sent = await lately(db, recipient, now, Math.max(otp.perHour, otp.perDay))
  const retryAfterMs = waitMs(sent, asked, otp, now.getTime())
  if (retryAfterMs > 0) return { retryAfterMs }
  const id = newId('otc', now)
  const at = now.toISOString()
  const lifeMs = asked.form === 'code' ? otp.codeMs : otp.linkMs
  const expiresAt = new Date(now.getTime() + lifeMs).toISOString()
  await replaceEarlier(db, recipient, asked, at)
  await db
    .insertInto('one_time_codes')
    .values({
      id,
      purpose: asked.purpose,
      audience: asked.audience,
      form: asked.form,
      channel: asked.recipient.channel,
      recipient,
      sealed: vault.seal(asked.recipient.address, id),
      user_id: asked.userId,
      secret: null,
      attempts: 0,
      created_at: at,
      expires_at: expiresAt,
      ended_at: null,
      end_reason: null,
    })
    .execute()
  return { id, expiresAt }
}
