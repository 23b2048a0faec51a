import { z } from 'zod'

/** Bytes as WebAuthn writes them in JSON: base64url without padding. */
const bytes = (maxLength: number) =>
  z
    .string()
    .min(1)
    .max(maxLength)
    .regex(/^[\w-]+$/, 'must be base64url')

// At most 1023 bytes (WebAuthn, section 5.8.3).
const CredentialId = bytes(1364).describe('Id of the credential, as its authenticator gave it')
const PUBLIC_KEY = z.literal('public-key')
const Challenge = z.string().describe('Good for one answer, for a few minutes')
const timeout = z.int().describe('Milliseconds that the challenge is good for')

const Descriptor = z.object({
  type: PUBLIC_KEY,
  id: z.string(),
  transports: z.array(z.string()).optional(),
})

/** What `PublicKeyCredential.parseCreationOptionsFromJSON` takes. */
export const CreationOptions = z
  .object({
    rp: z.object({ id: z.string(), name: z.string() }),
    user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
    challenge: Challenge,
    pubKeyCredParams: z.array(z.object({ type: PUBLIC_KEY, alg: z.int() })),
    timeout,
    excludeCredentials: z.array(Descriptor).describe('Passkeys that the account has already'),
    authenticatorSelection: z.object({
      residentKey: z.literal('required'),
      requireResidentKey: z.literal(true),
      userVerification: z.literal('required'),
    }),
    attestation: z.literal('none'),
  })
  .meta({ id: 'PasskeyCreationOptions' })

/** What `PublicKeyCredential.parseRequestOptionsFromJSON` takes. */
export const RequestOptions = z
  .object({
    challenge: Challenge,
    rpId: z.string(),
    timeout,
    userVerification: z.literal('required'),
    allowCredentials: z.array(Descriptor).describe('Empty: any passkey that the browser knows for this site'),
  })
  .meta({ id: 'PasskeyRequestOptions' })

export type CreationOptions = z.infer<typeof CreationOptions>
export type RequestOptions = z.infer<typeof RequestOptions>

/** A new credential: what `toJSON()` of `navigator.credentials.create` gives. What is not used of it is passed over. */
export const Attestation = z
  .object({
    id: CredentialId,
    rawId: CredentialId,
    type: PUBLIC_KEY,
    response: z.object({
      clientDataJSON: bytes(4096),
      attestationObject: bytes(8192),
      transports: z
        .array(z.string().regex(/^[a-z-]{1,32}$/, 'must be a transport such as internal'))
        .max(8)
        .optional(),
    }),
  })
  .describe('toJSON() of what navigator.credentials.create answered')

/** A signed challenge: what `toJSON()` of `navigator.credentials.get` gives. What is not used of it is passed over. */
export const Assertion = z
  .object({
    id: CredentialId,
    rawId: CredentialId,
    type: PUBLIC_KEY,
    response: z.object({
      clientDataJSON: bytes(4096),
      authenticatorData: bytes(4096),
      signature: bytes(2048),
      userHandle: bytes(86).nullish(),
    }),
  })
  .describe('toJSON() of what navigator.credentials.get answered')

export type Attestation = z.infer<typeof Attestation>
export type Assertion = z.infer<typeof Assertion>

const credentialId = 'q1vJ4xN0b2mZk8sT6yR3wA'

/** The credential that examples show. */
export const exampleAttestation: Attestation = {
  id: credentialId,
  rawId: credentialId,
  type: 'public-key',
  response: {
    clientDataJSON: 'eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIn0',
    attestationObject: 'o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YViU',
    transports: ['internal', 'hybrid'],
  },
}

/** The signed challenge that examples show. */
export const exampleAssertion: Assertion = {
  id: credentialId,
  rawId: credentialId,
  type: 'public-key',
  response: {
    clientDataJSON: 'eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0',
    authenticatorData: 'SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MFAAAAAQ',
    signature: 'MEUCIQCx0nq7WcT1sV8m',
    userHandle: 'dXNyXzAxamQ3bTN4NXNmYTl2OGsyY3E0dzZ5OHpl',
  },
}
