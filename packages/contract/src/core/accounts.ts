import { z } from 'zod'
import { conflict, gone, invalid, limited, notFound } from '../errors.ts'
import { mutation, query } from '../procedure.ts'
import { Email, Locale, nothing, Phone, TimeZone } from '../words/formats.ts'
import { id } from '../words/ids.ts'
import { Moment } from '../words/moments.ts'
import { line } from '../words/text.ts'

/** Id of an account, `usr_...`. */
const UserId = id('usr')

/** A password as it is chosen: 10 to 200 characters; the server also refuses common and guessable ones. */
export const NewPassword = z
  .string()
  .min(10)
  .max(200)
  .meta({ description: '10 to 200 characters, not a common one', format: 'password' })
const OneTimeToken = z.string().min(20).max(200).describe('The token of the mail, used once')

/** An account as its holder sees it; it holds no secret. */
export const Account = z
  .object({
    id: UserId,
    email: z.string(),
    emailVerifiedAt: Moment.nullable().describe('When the address was proved; null until then'),
    role: z.string().describe('Role, which decides the permissions'),
    name: z.string(),
    phone: z.string().nullable(),
    locale: z.string(),
    timeZone: z.string(),
    createdAt: Moment,
    updatedAt: Moment,
  })
  .meta({ id: 'Account' })

export type Account = z.infer<typeof Account>

/** The account that examples show. */
export const exampleAccount: Account = {
  id: 'usr_01jd7m3x5sfa9v8k2cq4w6y8ze',
  email: 'ada@example.com',
  emailVerifiedAt: null,
  role: 'user',
  name: 'Ada Byron',
  phone: null,
  locale: 'en',
  timeZone: 'UTC',
  createdAt: '2026-11-21T09:30:00.000Z',
  updatedAt: '2026-11-21T09:30:00.000Z',
}

const verifiedAccount: Account = { ...exampleAccount, emailVerifiedAt: '2026-11-21T09:31:00.000Z' }
/** What every way to choose a password answers to one that is easy to guess. */
export const WEAK_PASSWORD = invalid('This password is easy to guess: choose a longer or less common one.')

/** Accounts: registration, proof of the email address, own profile, own password. */
export const accounts = {
  /** Register an account with email and password */
  register: mutation({
    summary: 'Register an account with email and password',
    rest: 'POST /auth/register',
    access: 'public',
    limit: { group: 'auth', field: 'email' },
    input: z.strictObject({
      email: Email,
      password: NewPassword,
      name: line(100),
      locale: Locale.default('en'),
      timeZone: TimeZone.default('UTC'),
    }),
    output: Account,
    errors: {
      EMAIL_TAKEN: conflict('An account with this email exists: sign in, or reset the password.'),
      EMAIL_DISPOSABLE: invalid(
        'Addresses of throw-away mail services are not accepted: use one that you keep.',
      ),
      WEAK_PASSWORD,
    },
    example: {
      input: { email: 'ada@example.com', password: 'correct horse battery', name: 'Ada Byron' },
      output: exampleAccount,
    },
  }),

  /** Prove an email address with the token that was mailed to it */
  verify: mutation({
    summary: 'Prove an email address with the token that was mailed to it',
    rest: 'POST /auth/verify',
    access: 'public',
    limit: 'auth',
    input: z.strictObject({ token: OneTimeToken }),
    output: Account,
    errors: {
      VERIFICATION_UNKNOWN: notFound('This verification token is not known: ask for a new mail.'),
      VERIFICATION_EXPIRED: gone('This verification token has expired: ask for a new mail.'),
      ALREADY_VERIFIED: conflict('This email address is verified already: sign in.'),
    },
    example: { input: { token: 'plv_3fJ8sK2mQ9xV7bN4cR6tY1wZ5aD0eG' }, output: verifiedAccount },
  }),

  /** Send the verification mail of the own account again */
  resendVerification: mutation({
    summary: 'Send the verification mail of the own account again',
    rest: 'POST /auth/resend-verification',
    scope: null,
    limit: 'auth',
    input: nothing,
    output: z.object({ email: z.string(), requestedAt: Moment }),
    errors: {
      ALREADY_VERIFIED: conflict('This email address is verified already: sign in.'),
      MAILS_EXHAUSTED: limited(
        'Several mails were sent already: look for them, or wait for the seconds in Retry-After.',
      ),
    },
    example: { output: { email: 'ada@example.com', requestedAt: '2026-11-21T09:40:00.000Z' } },
  }),

  /** Read the own profile */
  get: query({
    summary: 'Read the own profile',
    rest: ['GET /user/profile', 'GET /users/profile'],
    input: nothing,
    output: Account,
    example: { output: exampleAccount },
  }),

  /** Change the own profile; only the fields given change */
  update: mutation({
    summary: 'Change the own profile; only the fields given change',
    rest: ['PUT /user/profile', 'PUT /users/profile'],
    // The phone is where codes are sent to.
    scope: null,
    input: z.strictObject({
      name: line(100).optional(),
      phone: Phone.nullable().optional().describe('International form (E.164); null removes it'),
      locale: Locale.optional(),
      timeZone: TimeZone.optional(),
    }),
    output: Account,
    example: { input: { name: 'Ada Lovelace' }, output: { ...exampleAccount, name: 'Ada Lovelace' } },
  }),

  /** Change the own email address; it counts once the new one is confirmed */
  changeEmail: mutation({
    summary: 'Change the own email address; it counts once the new one is confirmed',
    rest: 'POST /user/email',
    scope: null,
    fresh: true,
    limit: { group: 'auth', field: 'email' },
    input: z.strictObject({ email: Email }),
    output: z.object({ email: z.string().describe('Where the mail to confirm goes'), requestedAt: Moment }),
    errors: { SAME_EMAIL: conflict('This is your email address already: give another one.') },
    example: {
      input: { email: 'ada.lovelace@example.com' },
      output: { email: 'ada.lovelace@example.com', requestedAt: '2026-11-21T10:00:00.000Z' },
    },
  }),

  /** Confirm a new email address with the token that was mailed to it */
  confirmEmail: mutation({
    summary: 'Confirm a new email address with the token that was mailed to it',
    rest: 'POST /auth/confirm-email',
    access: 'public',
    limit: 'auth',
    input: z.strictObject({ token: OneTimeToken }),
    output: Account,
    errors: {
      VERIFICATION_UNKNOWN: notFound('This token is not known: change your email address again.'),
      VERIFICATION_EXPIRED: gone('This token has expired: change your email address again.'),
      EMAIL_TAKEN: conflict('Another account has this email address now: choose another one.'),
    },
    example: {
      input: { token: 'plv_3fJ8sK2mQ9xV7bN4cR6tY1wZ5aD0eG' },
      output: { ...verifiedAccount, email: 'ada.lovelace@example.com' },
    },
  }),

  /** Delete the own account; all its logins end */
  delete: mutation({
    summary: 'Delete the own account; all its logins end',
    rest: ['DELETE /user/profile', 'DELETE /users/profile'],
    scope: null,
    fresh: true,
    input: nothing,
    output: z.object({ id: UserId, deletedAt: Moment, endedLogins: z.int() }),
    errors: {
      LAST_SUPER_ADMIN: conflict(
        'This is the last account that may do all: give another one its role first.',
      ),
    },
    example: { output: { id: exampleAccount.id, deletedAt: '2026-11-21T10:00:00.000Z', endedLogins: 2 } },
  }),

  /** Change the own password; all other logins end */
  changePassword: mutation({
    summary: 'Change the own password; all other logins end',
    rest: 'POST /user/password',
    scope: null,
    limit: 'auth',
    input: z.strictObject({
      currentPassword: z.string().min(1).max(200).meta({ format: 'password' }),
      newPassword: NewPassword,
    }),
    output: z.object({
      changedAt: Moment,
      endedLogins: z.int().describe('How many other logins were ended'),
    }),
    errors: {
      WRONG_PASSWORD: invalid('The current password is not right: check it and try again.'),
      WEAK_PASSWORD,
    },
    example: {
      input: { currentPassword: 'correct horse battery', newPassword: 'even longer horse battery' },
      output: { changedAt: '2026-11-21T10:00:00.000Z', endedLogins: 1 },
    },
  }),
}
