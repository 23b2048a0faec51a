import { z } from 'zod'
import { limited, unauthenticated } from '../errors.ts'
import { mutation, query } from '../procedure.ts'
import { Email, nothing } from '../words/formats.ts'
import { id } from '../words/ids.ts'
import { Moment } from '../words/moments.ts'
import { page, pageInput } from '../words/page.ts'
import { Account, exampleAccount } from './accounts.ts'
import { SecondFactor, secondFactorErrors } from './second-factor.ts'
import { accountErrors, signInErrors, signInInput } from './sign-in.ts'
import { Assertion } from './web-authn.ts'

/** Id of a login, `lgn_...`. */
const LoginId = id('lgn')

const Tokens = z.object({
  accessToken: z.string().describe('Send it as Authorization: Bearer'),
  accessTokenExpiresAt: Moment,
  refreshToken: z.string().describe('Exchange it once for a new pair'),
  refreshTokenExpiresAt: Moment,
})

/** A login just made or refreshed. */
export const SignedIn = z
  .object({
    loginId: LoginId,
    account: Account,
    tokens: Tokens.nullable(),
    deviceToken: z
      .string()
      .nullable()
      .describe(
        'Keep it and send it with the next sign-in; null: the device is recognised already, or by a cookie',
      ),
  })
  .meta({ id: 'SignedIn' })

export type SignedIn = z.infer<typeof SignedIn>

/** One login of an account, such as one browser or one phone. */
export const Login = z
  .object({
    id: LoginId,
    current: z.boolean().describe('Whether it is the login that asks'),
    address: z.string().nullable().describe('Address it was made from'),
    userAgent: z.string().nullable(),
    method: z.string().describe('How it was made, such as password'),
    deviceId: id('dev').nullable(),
    country: z
      .string()
      .nullable()
      .describe('Country of the address (ISO 3166, two letters), where it is known'),
    suspicion: z
      .array(z.enum(['new-device', 'new-country', 'impossible-travel']))
      .describe('What was odd about it; its owner was told by mail'),
    scopes: z.array(z.string()).nullable().describe('What it is limited to; null: nothing'),
    createdAt: Moment,
    refreshedAt: Moment.describe('When it was last used, to the life of an access token'),
    provenAt: Moment.describe('When its holder last proved who they are'),
    expiresAt: Moment.describe('When it ends unless it is used'),
    endsAt: Moment.describe('When it ends however often it is used'),
  })
  .meta({ id: 'Login' })

export type Login = z.infer<typeof Login>

/** The answer to a sign-in that examples show. */
export const exampleSignedIn: SignedIn = {
  loginId: 'lgn_01jd7m3x5sfa9v8k2cq4w6y8ze',
  account: exampleAccount,
  tokens: {
    accessToken: 'pla_3fJ8sK2mQ9xV7bN4cR6tY1wZ5aD0eGhL2pU8iO3jM9',
    accessTokenExpiresAt: '2026-11-21T09:45:00.000Z',
    refreshToken: 'plr_7bN4cR6tY1wZ5aD0eGhL2pU8iO3jM93fJ8sK2mQ9xV',
    refreshTokenExpiresAt: '2026-12-21T09:30:00.000Z',
  },
  deviceToken: 'pld_9fJ8sK2mQ9xV7bN4cR6tY1wZ5aD0eGhL2pU8iO3jM9',
}

const exampleLogin: z.infer<typeof Login> = {
  id: exampleSignedIn.loginId,
  current: true,
  address: '127.0.0.1',
  userAgent: 'curl/8.5.0',
  method: 'password',
  deviceId: 'dev_01jd7m3x5sfa9v8k2cq4w6y8ze',
  country: 'DE',
  suspicion: [],
  scopes: null,
  createdAt: '2026-11-21T09:30:00.000Z',
  refreshedAt: '2026-11-21T09:30:00.000Z',
  provenAt: '2026-11-21T09:30:00.000Z',
  expiresAt: '2026-12-21T09:30:00.000Z',
  endsAt: '2027-02-19T09:30:00.000Z',
}

/** Logins: making, refreshing, listing and ending them. */
export const sessions = {
  /** Sign in with email and password */
  login: mutation({
    summary: 'Sign in with email and password',
    rest: 'POST /auth/login',
    access: 'public',
    // Not by email: whoever tries many would keep its owner out. See ACCOUNT_LOCKED.
    limit: 'auth',
    idempotent: false,
    input: z.strictObject({
      email: Email,
      password: z.string().min(1).max(200).meta({ format: 'password' }),
      secondFactor: SecondFactor.optional(),
      ...signInInput,
    }),
    output: SignedIn,
    errors: {
      ...signInErrors,
      ...secondFactorErrors,
      INVALID_CREDENTIALS: unauthenticated('Email or password is not right: check both.'),
      ACCOUNT_LOCKED: limited('There were too many failed attempts: wait for the seconds in Retry-After.'),
    },
    example: {
      input: { email: 'ada@example.com', password: 'correct horse battery' },
      output: exampleSignedIn,
    },
  }),

  /** Exchange a refresh token for a new pair; the old one is spent */
  refresh: mutation({
    summary: 'Exchange a refresh token for a new pair; the old one is spent',
    rest: 'POST /auth/refresh',
    access: 'public',
    limit: 'auth',
    idempotent: false,
    input: z.strictObject({
      refreshToken: z.string().min(1).max(200).optional().describe('Left out: taken from the refresh cookie'),
    }),
    output: SignedIn,
    errors: {
      NOT_SIGNED_IN: unauthenticated('Sign in first: send the refresh token, or the cookies of a login.'),
      TOKEN_REUSED: unauthenticated(
        'This refresh token was used before, so its login was ended: sign in again.',
      ),
      ...accountErrors,
    },
    example: {
      input: { refreshToken: 'plr_3fJ8sK2mQ9xV7bN4cR6tY1wZ5aD0eGhL2pU8iO3jM9' },
      output: exampleSignedIn,
    },
  }),

  /** End all own logins, or all but the one that asks */
  deleteAll: mutation({
    summary: 'End all own logins, or all but the one that asks',
    rest: 'DELETE /user/sessions',
    scope: null,
    input: z.strictObject({
      keepCurrent: z.boolean().default(true).describe('Whether the login that asks goes on'),
    }),
    output: z.object({ endedLogins: z.int(), endedAt: Moment }),
    example: { input: {}, output: { endedLogins: 3, endedAt: '2026-11-21T10:00:00.000Z' } },
  }),

  /** Prove anew who holds this login; sensitive operations ask for it */
  prove: mutation({
    summary: 'Prove anew who holds this login; sensitive operations ask for it',
    rest: 'POST /auth/prove',
    scope: null,
    limit: 'auth',
    idempotent: false,
    input: z
      .strictObject({
        password: z
          .string()
          .min(1)
          .max(200)
          .meta({ format: 'password', description: 'Enough where the account has no second factor' })
          .optional(),
        secondFactor: SecondFactor.optional(),
        passkey: Assertion.optional(),
      })
      .refine(({ password, secondFactor, passkey }) => password ?? secondFactor ?? passkey, {
        path: ['password'],
        message: 'give password, secondFactor or passkey',
      }),
    output: z.object({
      provenAt: Moment,
      freshUntil: Moment.describe('Until when sensitive operations are open'),
    }),
    errors: {
      ...secondFactorErrors,
      PROOF_INVALID: unauthenticated('This does not prove who you are: check it and try again.'),
    },
    example: {
      input: { password: 'correct horse battery' },
      output: { provenAt: '2026-11-21T10:00:00.000Z', freshUntil: '2026-11-21T10:15:00.000Z' },
    },
  }),

  /** End the own login; its tokens stop working */
  logout: mutation({
    summary: 'End the own login; its tokens stop working',
    scope: null,
    rest: 'POST /auth/logout',
    input: nothing,
    output: z.object({ loginId: LoginId, endedAt: Moment }),
    example: { output: { loginId: exampleLogin.id, endedAt: '2026-11-21T10:00:00.000Z' } },
  }),

  /** List the own logins that have not ended, newest first */
  list: query({
    summary: 'List the own logins that have not ended, newest first',
    scope: null,
    rest: 'GET /user/sessions',
    input: z.strictObject(pageInput),
    output: page(Login),
    example: { input: {}, output: { items: [exampleLogin], nextCursor: null } },
  }),

  /** End one of the own logins; its tokens stop working */
  delete: mutation({
    summary: 'End one of the own logins; its tokens stop working',
    scope: null,
    rest: 'DELETE /user/sessions/{id}',
    input: z.strictObject({ id: LoginId }),
    output: z.object({ loginId: LoginId, endedAt: Moment }),
    example: {
      input: { id: exampleLogin.id },
      output: { loginId: exampleLogin.id, endedAt: '2026-11-21T10:00:00.000Z' },
    },
  }),
}
