import { z } from 'zod'
import { gone, invalid, limited, notFound } from '../errors.ts'
import { mutation, type RestRoute } from '../procedure.ts'
import { Email, Phone } from '../words/formats.ts'
import { Moment } from '../words/moments.ts'
import { NewPassword, WEAK_PASSWORD } from './accounts.ts'

const recipient = {
  email: Email.optional(),
  phone: Phone.optional().describe('A phone number that the account has proved, in place of the address'),
}

interface Recipient {
  readonly email?: string | undefined
  readonly phone?: string | undefined
}

const isOne = ({ email, phone }: Recipient): boolean => (email === undefined) !== (phone === undefined)

const Code = z
  .string()
  .regex(/^\d{6}$/, 'must be six digits')
  // Kept apart like a password where a request is remembered: six digits are soon guessed from a plain hash.
  .meta({ description: 'The six digits of the message, used once', format: 'password' })

const Forgot = z
  .strictObject({
    ...recipient,
    by: z
      .enum(['code', 'link'])
      .default('code')
      .describe('code: six digits, by mail or SMS; link: by mail alone'),
  })
  .refine(isOne, { path: ['email'], error: 'give either email or phone' })
  .refine(({ by, phone }) => by === 'code' || phone === undefined, {
    path: ['by'],
    error: 'a link is sent by mail alone',
  })

const Reset = z
  .strictObject({
    ...recipient,
    code: Code.optional().describe('With email or phone: the code that was sent there'),
    token: z.string().min(20).max(200).optional().describe('In place of all that: the token of the link'),
    newPassword: NewPassword,
  })
  .refine(({ token, code }) => (token === undefined) !== (code === undefined), {
    path: ['code'],
    error: 'give either code, with email or phone, or token',
  })
  .refine((input) => (input.token === undefined ? isOne(input) : !input.email && !input.phone), {
    path: ['email'],
    error: 'give either email or phone with a code, and neither with a token',
  })

/** What is answered whether or not the account exists. */
const Asked = z.object({
  requestedAt: Moment,
  expiresAt: Moment.describe('Until when the code or link is good, where one was sent'),
  retryAfterSeconds: z.int().describe('How long to wait before asking for another'),
})

interface Named {
  /** Whose password it is, as the end of a sentence. */
  readonly of: string
  readonly forgot: readonly [RestRoute, ...RestRoute[]]
  readonly reset: readonly [RestRoute, ...RestRoute[]]
}

/** Two procedures, the same for everybody who has a password; they differ in their routes and in whom they know. */
const passwordsOf = ({ of, ...rest }: Named) => ({
  /** Ask for a code or a link to set a new password; the answer does not tell whether the account exists */
  forgot: mutation({
    summary: `Ask for a code or a link to set a new password ${of}; the answer does not tell whether the account exists`,
    rest: rest.forgot,
    access: 'public',
    scope: null,
    limit: { group: 'otp', field: 'email' },
    input: Forgot,
    output: Asked,
    errors: {
      CODE_TOO_SOON: limited('One was asked for a short while ago: wait for the seconds in Retry-After.'),
    },
    example: {
      input: { email: 'ada@example.com' },
      output: {
        requestedAt: '2026-11-21T09:30:00.000Z',
        expiresAt: '2026-11-21T09:40:00.000Z',
        retryAfterSeconds: 60,
      },
    },
  }),

  /** Set a new password with the code or link that was sent; every login of the account ends */
  reset: mutation({
    summary: `Set a new password ${of} with the code or link that was sent; every login of the account ends`,
    rest: rest.reset,
    access: 'public',
    scope: null,
    limit: { group: 'otp', field: 'email' },
    input: Reset,
    output: z.object({
      changedAt: Moment,
      endedLogins: z.int().describe('How many logins were ended'),
    }),
    errors: {
      CODE_INVALID: invalid(
        'This code is wrong, expired or used up: check it, or ask for another after the pause.',
      ),
      TOO_MANY_ATTEMPTS: limited('Too many wrong codes came from here: wait for the seconds in Retry-After.'),
      RESET_UNKNOWN: notFound('This link is not known or was used: ask for another one.'),
      RESET_EXPIRED: gone('This link has expired: ask for another one.'),
      WEAK_PASSWORD,
    },
    example: {
      input: { email: 'ada@example.com', code: '493027', newPassword: 'even longer horse battery' },
      output: { changedAt: '2026-11-21T09:35:00.000Z', endedLogins: 2 },
    },
  }),
})

/** Forgotten passwords of users. */
export const passwords = passwordsOf({
  of: 'of a user',
  forgot: ['POST /users/forgot-password', 'POST /auth/forgot-password'],
  reset: ['POST /users/reset-password', 'POST /auth/reset-password'],
})

/** Forgotten passwords of the principals of the organizer portal, who are apart from users of the same address. */
export const organizerPasswords = passwordsOf({
  of: 'of an organizer',
  forgot: ['POST /organizer/forgot-password'],
  reset: ['POST /organizer/reset-password'],
})

/** Forgotten passwords of the principals of the merchant portal, who are apart from users of the same address. */
export const merchantPasswords = passwordsOf({
  of: 'of a merchant',
  forgot: ['POST /merchant/forgot-password'],
  reset: ['POST /merchant/reset-password'],
})
