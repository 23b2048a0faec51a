import type { RetryRule, Subscriber } from '@plinth/kit'
import { userById } from '../accounts/queries.ts'
import type { CoreDb } from '../db.ts'
import type { CoreDeps } from '../settings.ts'

// A mail server may be away for hours. Pauses double up to half an hour, so that all tries span about a day.
const FOR_A_DAY: RetryRule = { maxAttempts: 64, maxPauseMs: 30 * 60_000 }

/** What happened to the ways in of an account, as its event tells it. */
interface Happened {
  readonly userId: string
  readonly at: string
  /** The name of a passkey. */
  readonly name: string
  /** Recovery codes that are left. */
  readonly left: number
}

const textOf = (fields: Readonly<Record<string, unknown>>, name: string): string => {
  const value = fields[name]
  if (typeof value !== 'string') throw new TypeError(`the event carries no ${name}`)
  return value
}

const happenedOf = (payload: unknown): Happened => {
  const fields = { ...(typeof payload === 'object' ? payload : null) } as Readonly<Record<string, unknown>>
  return {
    userId: textOf(fields, 'userId'),
    at: textOf(fields, 'at'),
    name: fields.name === undefined ? '' : textOf(fields, 'name'),
    left: Number(fields.left ?? 0),
  }
}

interface Letter {
  readonly event: string
  readonly job: string
  readonly subject: string
  readonly says: (happened: Happened) => string
}

const LETTERS: readonly Letter[] = [
  {
    event: 'secondFactors.enabled',
    job: 'tell-second-factor-on',
    subject: 'Your second factor is on',
    says: () => 'an authenticator app is asked for from now on when somebody signs in to your account.',
  },
  {
    event: 'secondFactors.disabled',
    job: 'tell-second-factor-off',
    subject: 'Your second factor is off',
    says: () => 'no authenticator app is asked for any more when somebody signs in to your account.',
  },
  {
    event: 'secondFactors.recoveryCodeUsed',
    job: 'tell-recovery-code-used',
    subject: 'A recovery code was used',
    says: ({ left }) => `a recovery code of your account was used in the place of the app. ${left} are left.`,
  },
  {
    event: 'secondFactors.recoveryCodesRenewed',
    job: 'tell-recovery-codes-renewed',
    subject: 'New recovery codes were made',
    says: () => 'new recovery codes were made for your account. Those before work no more.',
  },
  {
    event: 'secondFactors.guessedAt',
    job: 'tell-second-factor-guessed-at',
    subject: 'Somebody tries codes for your account',
    says: () =>
      'somebody who knows your password, or is signed in as you, gave so many wrong codes that no more are taken for a while.',
  },
  {
    event: 'passkeys.added',
    job: 'tell-passkey-added',
    subject: 'A passkey was added',
    says: ({ name }) => `the passkey "${name}" was added to your account and can sign in to it.`,
  },
  {
    event: 'passkeys.removed',
    job: 'tell-passkey-removed',
    subject: 'A passkey was removed',
    says: ({ name }) => `the passkey "${name}" was removed from your account.`,
  },
  {
    event: 'passkeys.suspended',
    job: 'tell-passkey-suspended',
    subject: 'A passkey was suspended, and you were signed out',
    says: ({ name }) =>
      `the passkey "${name}" was used by something else than the device that holds it, which may be a copy of it. It opens nothing any more, and all logins of your account were ended. Sign in another way, remove it, and add a new one.`,
  },
]

const minute = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`

/** Tells the owner of an account by mail whenever what opens it changes, or a code was used up. */
export const factorMails = ({ db, mailer, settings }: CoreDeps): Subscriber[] =>
  LETTERS.map(({ event, job, subject, says }) => ({
    event,
    job,
    retry: FOR_A_DAY,
    async run(payload) {
      const happened = happenedOf(payload)
      const user = await userById.first(db.as<CoreDb>().read, { id: happened.userId })
      // It may have been deleted meanwhile.
      if (!user) return
      await mailer.send({
        to: user.email,
        subject,
        text: [
          `Hello ${user.name},`,
          says(happened),
          `This was on ${minute(happened.at)}. If it was not you, sign in at ${settings.webUrl}, change your password and look through your logins.`,
        ].join('\n\n'),
      })
    },
  }))
