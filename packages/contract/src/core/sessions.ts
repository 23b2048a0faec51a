import { z } from 'zod'
import { unauthenticated } from '../errors.ts'
import { mutation, query } from '../procedure.ts'
import { Email, nothing } from '../words/formats.ts'
import { id } from '../words/ids.ts'
import { Moment } from '../words/moments.ts'
import { page, pageInput } from '../words/page.ts'
import { Account, exampleAccount } from './accounts.ts'
import { accountErrors, signInErrors, signInInput } from './sign-in.ts'

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

const exampleSignedIn: SignedIn = {
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
    limit: { group: 'auth', field: 'email' },
    idempotent: false,
    input: z.strictObject({
      email: Email,
      password: z.string().min(1).max(200).meta({ format: 'password' }),
      ...signInInput,
    }),
    output: SignedIn,
    errors: {
      ...signInErrors,
      INVALID_CREDENTIALS: unauthenticated('Email or password is not right: check both.'),
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

  /** End the own login; its tokens stop working */
  logout: mutation({
    summary: 'End the own login; its tokens stop working',
    rest: 'POST /auth/logout',
    scope: null,
    input: nothing,
    output: z.object({ loginId: LoginId, endedAt: Moment }),
    example: { output: { loginId: exampleLogin.id, endedAt: '2026-11-21T10:00:00.000Z' } },
  }),

  /** List the own logins that have not ended, newest first */
  list: query({
    summary: 'List the own logins that have not ended, newest first',
    rest: 'GET /user/sessions',
    scope: null,
    input: z.strictObject(pageInput),
    output: page(Login),
    example: { input: {}, output: { items: [exampleLogin], nextCursor: null } },
  }),

  /** End one of the own logins; its tokens stop working */
  delete: mutation({
    summary: 'End one of the own logins; its tokens stop working',
    rest: 'DELETE /user/sessions/{id}',
    scope: null,
    input: z.strictObject({ id: LoginId }),
    output: z.object({ loginId: LoginId, endedAt: Moment }),
    example: {
      input: { id: exampleLogin.id },
      output: { loginId: exampleLogin.id, endedAt: '2026-11-21T10:00:00.000Z' },
    },
  }),
}
