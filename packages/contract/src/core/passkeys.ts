import { z } from 'zod'
import { conflict, invalid, unauthenticated } from '../errors.ts'
import { mutation, query } from '../procedure.ts'
import { nothing } from '../words/formats.ts'
import { id } from '../words/ids.ts'
import { Moment } from '../words/moments.ts'
import { page, pageInput } from '../words/page.ts'
import { line } from '../words/text.ts'
import { exampleSignedIn, SignedIn } from './sessions.ts'
import { signInErrors, signInInput } from './sign-in.ts'
import {
  Assertion,
  Attestation,
  CreationOptions,
  exampleAssertion,
  exampleAttestation,
  RequestOptions,
} from './web-authn.ts'

const PasskeyId = id('psk')

/** A passkey of an account: a key pair whose private half never leaves its authenticator. */
export const Passkey = z
  .object({
    id: PasskeyId,
    name: z.string(),
    synced: z.boolean().describe('Whether its maker may copy it to other devices of the owner'),
    backedUp: z.boolean().describe('Whether it was copied, so that it outlives its device'),
    transports: z.array(z.string()).describe('How its authenticator is reached, such as internal or usb'),
    aaguid: z.string().describe('Model of the authenticator; all zeros: not told'),
    createdAt: Moment,
    lastUsedAt: Moment.nullable(),
    suspendedAt: Moment.nullable().describe(
      'Since when it opens nothing, for something else signs with its key; null: it works',
    ),
  })
  .meta({ id: 'Passkey' })

export type Passkey = z.infer<typeof Passkey>

const byId = z.strictObject({ id: PasskeyId })
const PASSKEYS_FULL = conflict('This account has as many passkeys as it may: remove one first.')

const example: Passkey = {
  id: 'psk_01jd7m3x5sfa9v8k2cq4w6y8ze',
  name: 'Phone',
  synced: true,
  backedUp: true,
  transports: ['internal', 'hybrid'],
  aaguid: '00000000-0000-0000-0000-000000000000',
  createdAt: '2026-11-21T09:30:00.000Z',
  lastUsedAt: null,
  suspendedAt: null,
}
const challenge = 'kq3VwX1nB7cYt5pR9sL2mZ8dF4gH6jK0aE1uI3oQ7yM'
const exampleRequest: RequestOptions = {
  challenge,
  rpId: 'example.com',
  timeout: 300_000,
  userVerification: 'required',
  allowCredentials: [],
}

/** Passkeys (WebAuthn): signing in with a key of the device instead of a password and a code. */
export const passkeys = {
  /** List the own passkeys, newest first */
  list: query({
    summary: 'List the own passkeys, newest first',
    rest: 'GET /user/passkeys',
    scope: null,
    input: z.strictObject(pageInput),
    output: page(Passkey),
    example: { input: {}, output: { items: [example], nextCursor: null } },
  }),

  /** Ask for what a browser needs to make a passkey */
  registrationOptions: mutation({
    summary: 'Ask for what a browser needs to make a passkey',
    rest: 'POST /user/passkeys/options',
    scope: null,
    fresh: true,
    limit: 'auth',
    idempotent: false,
    input: nothing,
    output: CreationOptions,
    errors: { PASSKEYS_FULL },
    example: {
      output: {
        rp: { id: 'example.com', name: 'Plinth' },
        user: {
          id: 'dXNyXzAxamQ3bTN4NXNmYTl2OGsyY3E0dzZ5OHpl',
          name: 'ada@example.com',
          displayName: 'Ada Byron',
        },
        challenge,
        pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
        timeout: 300_000,
        excludeCredentials: [],
        authenticatorSelection: {
          residentKey: 'required',
          requireResidentKey: true,
          userVerification: 'required',
        },
        attestation: 'none',
      },
    },
  }),

  /** Add the passkey that a browser has made */
  register: mutation({
    summary: 'Add the passkey that a browser has made',
    rest: 'POST /user/passkeys',
    scope: null,
    fresh: true,
    limit: 'auth',
    input: z.strictObject({
      credential: Attestation,
      name: line(60).default('Passkey').describe('How its owner will know it in the list'),
    }),
    output: Passkey,
    errors: {
      PASSKEYS_FULL,
      PASSKEY_INVALID: invalid('This passkey can not be added: ask for new options and make it again.'),
      PASSKEY_TAKEN: conflict('This passkey was added before: make another one.'),
    },
    example: { input: { credential: exampleAttestation, name: 'Phone' }, output: example },
  }),

  /** Change the name of a passkey */
  update: mutation({
    summary: 'Change the name of a passkey',
    rest: 'PUT /user/passkeys/{id}',
    scope: null,
    input: z.strictObject({ id: PasskeyId, name: line(60) }),
    output: Passkey,
    example: { input: { id: example.id, name: 'Old phone' }, output: { ...example, name: 'Old phone' } },
  }),

  /** Remove a passkey, unless it is the last way to sign in */
  delete: mutation({
    summary: 'Remove a passkey, unless it is the last way to sign in',
    rest: 'DELETE /user/passkeys/{id}',
    scope: null,
    fresh: true,
    input: byId,
    output: z.object({ id: PasskeyId, deletedAt: Moment }),
    errors: {
      LAST_WAY_IN: conflict(
        'Without it you could not sign in any more: set a password or add another way first.',
      ),
    },
    example: {
      input: { id: example.id },
      output: { id: example.id, deletedAt: '2026-11-21T10:00:00.000Z' },
    },
  }),

  /** Ask for what a browser needs to sign in with a passkey; no account is named */
  signInOptions: mutation({
    summary: 'Ask for what a browser needs to sign in with a passkey; no account is named',
    rest: 'POST /auth/passkey/options',
    access: 'public',
    limit: 'auth',
    idempotent: false,
    audit: false,
    input: nothing,
    output: RequestOptions,
    example: { output: exampleRequest },
  }),

  /** Sign in with a passkey */
  signIn: mutation({
    summary: 'Sign in with a passkey',
    rest: 'POST /auth/passkey',
    access: 'public',
    limit: 'auth',
    idempotent: false,
    input: z.strictObject({ credential: Assertion, ...signInInput }),
    output: SignedIn,
    errors: {
      ...signInErrors,
      PASSKEY_REFUSED: unauthenticated(
        'This passkey is not accepted: ask for new options and try again, or sign in another way.',
      ),
    },
    example: { input: { credential: exampleAssertion }, output: exampleSignedIn },
  }),

  /** Ask for what a browser needs to prove anew, with a passkey, who holds this login */
  proofOptions: mutation({
    summary: 'Ask for what a browser needs to prove anew, with a passkey, who holds this login',
    rest: 'POST /auth/prove/options',
    scope: null,
    limit: 'auth',
    idempotent: false,
    audit: false,
    input: nothing,
    output: RequestOptions,
    example: { output: exampleRequest },
  }),
}
