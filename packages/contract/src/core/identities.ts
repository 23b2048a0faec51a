import { z } from 'zod'
import { conflict, forbidden, gone, invalid, notFound, unauthenticated } from '../errors.ts'
import { mutation, query } from '../procedure.ts'
import { Email, nothing } from '../words/formats.ts'
import { id } from '../words/ids.ts'
import { Moment } from '../words/moments.ts'
import { page, pageInput } from '../words/page.ts'
import { SecondFactor, secondFactorErrors } from './second-factor.ts'
import { exampleSignedIn, SignedIn } from './sessions.ts'
import { signInErrors, signInInput } from './sign-in.ts'

const IdentityId = id('idn')

/** Somebody else's sign-in that accounts can be signed in to with. */
export const ProviderName = z.enum(['google', 'github', 'facebook']).describe('Name of the provider')

export type ProviderName = z.infer<typeof ProviderName>

/** An account at a provider that is linked to an account here. */
export const Identity = z
  .object({
    id: IdentityId,
    provider: ProviderName,
    email: z.string().nullable().describe('The address that the provider told when it was last used'),
    createdAt: Moment.describe('When it was linked'),
    lastUsedAt: Moment.nullable().describe('When somebody last signed in with it'),
  })
  .meta({ id: 'Identity' })

export type Identity = z.infer<typeof Identity>

const example: Identity = {
  id: 'idn_01jd7m3x5sfa9v8k2cq4w6y8ze',
  provider: 'google',
  email: 'ada@example.com',
  createdAt: '2026-11-21T09:30:00.000Z',
  lastUsedAt: null,
}

const State = z.string().min(1).max(200).describe('The parameter state of the callback')
const FlowToken = z
  .string()
  .min(1)
  .max(200)
  .optional()
  .describe('What begin answered as flowToken; left out: a cookie says it')

const beginInput = {
  provider: ProviderName,
  redirectUrl: z
    .string()
    .min(1)
    .max(2000)
    .optional()
    .describe(
      'Where the provider sends the browser back to, one of social.redirectUrls; left out: the first',
    ),
  returnTo: z
    .string()
    .min(1)
    .max(2000)
    .optional()
    .describe('Where the web app goes on afterwards: a path, or an address of an allowed origin'),
  transport: signInInput.transport.describe(
    'bearer: flowToken is in the answer; cookie: it is set as an HttpOnly cookie and flowToken is null',
  ),
}

/** What a sign-in at a provider begins with. */
const Begun = z.object({
  url: z.string().describe('Send the browser there'),
  state: z.string().describe('Comes back with the callback: another one is not to be completed'),
  flowToken: z
    .string()
    .nullable()
    .describe('Keep it in this browser and give it when completing: nobody else can; null: it is a cookie'),
  expiresAt: Moment.describe('Until when it can be completed'),
})

/** What a provider's callback brings. */
const callbackInput = {
  provider: ProviderName,
  state: State,
  flowToken: FlowToken,
  code: z.string().min(1).max(4000).optional().describe('The parameter code of the callback'),
  error: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('The parameter error of the callback, where the person or the provider refused'),
}

const beginErrors = {
  PROVIDER_OFF: notFound('This server offers no sign-in with this provider: choose another one.'),
  REDIRECT_REFUSED: invalid('This address may not be returned to: use one that the server allows.'),
} as const

const callbackErrors = {
  PROVIDER_OFF: beginErrors.PROVIDER_OFF,
  STATE_UNKNOWN: notFound(
    'This sign-in was not begun here, or was completed already: begin again in this browser.',
  ),
  STATE_EXPIRED: gone('This sign-in took too long: begin again.'),
  PROVIDER_REFUSED: forbidden('The provider was not allowed to tell who you are: begin again and agree.'),
  CODE_REFUSED: unauthenticated('The provider did not confirm this sign-in: begin again.'),
} as const

const begun: z.infer<typeof Begun> = {
  url: 'https://accounts.google.com/o/oauth2/v2/auth?response_type=code&client_id=web&state=plo_3fJ8sK2mQ9xV',
  state: 'plo_3fJ8sK2mQ9xV7bN4cR6tY1wZ5aD0eGhL2pU8iO3jM9',
  flowToken: 'plf_7bN4cR6tY1wZ5aD0eGhL2pU8iO3jM93fJ8sK2mQ9xV',
  expiresAt: '2026-11-21T09:40:00.000Z',
}

const callback = {
  provider: 'google' as const,
  state: begun.state,
  flowToken: 'plf_7bN4cR6tY1wZ5aD0eGhL2pU8iO3jM93fJ8sK2mQ9xV',
  code: '4/0AVGzR1Bexample',
}

/** Signing in with accounts at Google, GitHub and Facebook, and linking them to the own account. */
export const identities = {
  /** List the providers that can be signed in with */
  listProviders: query({
    summary: 'List the providers that can be signed in with',
    rest: 'GET /auth/social/providers',
    access: 'public',
    input: nothing,
    output: z.object({
      items: z.array(
        z.object({
          provider: ProviderName,
          scopes: z.array(z.string()).describe('What is asked of the provider'),
        }),
      ),
    }),
    example: { output: { items: [{ provider: 'google', scopes: ['openid', 'email', 'profile'] }] } },
  }),

  /** Begin to sign in with a provider: answers where to send the browser */
  begin: mutation({
    summary: 'Begin to sign in with a provider: answers where to send the browser',
    rest: 'POST /auth/social/begin',
    access: 'public',
    limit: 'auth',
    idempotent: false,
    audit: false,
    input: z.strictObject(beginInput),
    output: Begun,
    errors: beginErrors,
    example: { input: { provider: 'google', returnTo: '/orders' }, output: begun },
  }),

  /**
   * Sign in with what the provider's callback brought; an account is found or made. Where more is needed (EMAIL_MISSING,
   * EMAIL_UNVERIFIED, EMAIL_TAKEN, SECOND_FACTOR_NEEDED) it is called again without `code` and with what is missing.
   */
  complete: mutation({
    summary: "Sign in with what the provider's callback brought; an account is found or made",
    rest: 'POST /auth/social/complete',
    access: 'public',
    limit: 'auth',
    idempotent: false,
    input: z.strictObject({
      ...callbackInput,
      code: callbackInput.code.describe(
        'The parameter code of the callback; left out only where the same sign-in is completed with more',
      ),
      email: Email.optional().describe(
        'Address for a new account where the provider told none that is verified; it is to be verified by mail',
      ),
      secondFactor: SecondFactor.optional(),
      ...signInInput,
    }),
    output: z.object({
      ...SignedIn.shape,
      created: z.boolean().describe('Whether the account was made just now'),
      returnTo: z.string().nullable().describe('What was given to begin; safe to go to'),
    }),
    errors: {
      ...callbackErrors,
      ...signInErrors,
      ...secondFactorErrors,
      EMAIL_MISSING: invalid('The provider told no email address: complete it again with email.'),
      EMAIL_UNVERIFIED: conflict(
        'The provider has not verified an address that an account has here: sign in to that account and link it, or complete it again with another email.',
      ),
      EMAIL_TAKEN: conflict(
        'An account with this email exists: sign in to it and link this identity, or give another email.',
      ),
      EMAIL_DISPOSABLE: invalid(
        'Addresses of throw-away mail services are not accepted: use one that you keep.',
      ),
      ACCOUNT_UNVERIFIED: conflict(
        'An account with your address exists whose address was never confirmed: confirm it with the mail, or reset its password, then sign in again.',
      ),
    },
    example: {
      input: callback,
      output: { ...exampleSignedIn, created: false, returnTo: '/orders' },
    },
  }),

  /** Begin to link an identity to the own account: answers where to send the browser */
  beginLink: mutation({
    summary: 'Begin to link an identity to the own account: answers where to send the browser',
    rest: 'POST /user/identities/begin',
    scope: null,
    fresh: true,
    limit: 'auth',
    idempotent: false,
    audit: false,
    input: z.strictObject(beginInput),
    output: Begun,
    errors: beginErrors,
    example: { input: { provider: 'google' }, output: begun },
  }),

  /** Link the identity that the provider's callback brought to the own account */
  link: mutation({
    summary: "Link the identity that the provider's callback brought to the own account",
    rest: 'POST /user/identities/link',
    scope: null,
    fresh: true,
    limit: 'auth',
    idempotent: false,
    input: z.strictObject({
      ...callbackInput,
      code: callbackInput.code,
    }),
    output: z.object({
      identity: Identity,
      returnTo: z.string().nullable().describe('What was given to begin; safe to go to'),
    }),
    errors: {
      ...callbackErrors,
      IDENTITY_TAKEN: conflict('This identity is linked to another account: unlink it there first.'),
      ALREADY_LINKED: conflict('This identity is linked to your account already.'),
      IDENTITIES_FULL: conflict('Your account has as many identities as it may: unlink one first.'),
    },
    example: { input: callback, output: { identity: example, returnTo: null } },
  }),

  /** List the identities that are linked to the own account, newest first */
  list: query({
    summary: 'List the identities that are linked to the own account, newest first',
    rest: 'GET /user/identities',
    scope: null,
    input: z.strictObject(pageInput),
    output: page(Identity),
    example: { input: {}, output: { items: [example], nextCursor: null } },
  }),

  /** Unlink an identity from the own account */
  delete: mutation({
    summary: 'Unlink an identity from the own account',
    rest: 'DELETE /user/identities/{id}',
    scope: null,
    fresh: true,
    input: z.strictObject({ id: IdentityId }),
    output: z.object({ id: IdentityId, deletedAt: Moment }),
    errors: {
      LAST_WAY_IN: conflict(
        'This is the last way to sign in to your account: set a password or link another identity first.',
      ),
    },
    example: {
      input: { id: example.id },
      output: { id: example.id, deletedAt: '2026-11-21T10:00:00.000Z' },
    },
  }),
}
