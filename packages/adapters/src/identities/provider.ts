import type { Dependency, Identified, IdentityProof, IdentityProvider, ProvenIdentity } from '@plinth/kit'
import type { OAuth2Tokens } from 'arctic'
import { exchangeCode } from './exchange.ts'

/** How a provider knows us, and where it is. */
export interface ProviderSettings {
  readonly clientId: string
  readonly clientSecret: string
  readonly scopes: readonly string[]
  readonly authorizationUrl: string
  readonly tokenUrl: string
}

/** Finds out whom tokens that were just got belong to. */
type WhoIs = (tokens: OAuth2Tokens, proof: IdentityProof, signal: AbortSignal) => Promise<Identified>

interface ProviderParts {
  readonly settings: ProviderSettings
  readonly dependency: Dependency
  /** What is asked for beyond the standard. */
  readonly parameters?: (proof: IdentityProof) => Readonly<Record<string, string>>
  readonly whoIs: WhoIs
}

const NAME_LENGTH = 100
const EMAIL = /^[^\s@<>,;"]+@[^\s@<>,;"]+\.[^\s@<>,;"]+$/

/** An address as we write it; null for what is none. */
const addressOf = (email: unknown): string | null => {
  const address = typeof email === 'string' ? email.trim().toLowerCase() : ''
  return address.length <= 254 && EMAIL.test(address) ? address : null
}

const nameOf = (name: unknown): string | null => {
  const line = typeof name === 'string' ? name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim() : ''
  return line === '' ? null : line.slice(0, NAME_LENGTH).trim()
}

/** An identity of what a provider told, each part of which may be of any type. */
export const provenIdentity = (told: {
  readonly subject: unknown
  readonly email: unknown
  readonly emailVerified: boolean
  readonly name: unknown
}): ProvenIdentity => {
  const subject = typeof told.subject === 'number' ? String(told.subject) : told.subject
  if (typeof subject !== 'string' || subject === '' || subject.length > 255)
    throw new Error('it does not say who somebody is')
  const email = addressOf(told.email)
  return { subject, email, emailVerified: email !== null && told.emailVerified, name: nameOf(told.name) }
}

// Loaded with the first sign-in: a process pays for it only where somebody signs in so.
const library = () => import('arctic')

/** A provider of the authorization code flow with state and PKCE; every call to it goes through its dependency. */
export const createProvider = ({
  settings,
  dependency,
  parameters,
  whoIs,
}: ProviderParts): IdentityProvider => {
  const { clientId, clientSecret, scopes, authorizationUrl } = settings
  return {
    scopes,
    async newProof() {
      const { generateCodeVerifier, generateState } = await library()
      return { verifier: generateCodeVerifier(), nonce: generateState() }
    },
    async authorizationUrl(state, redirectUrl, proof) {
      const { CodeChallengeMethod, OAuth2Client } = await library()
      const client = new OAuth2Client(clientId, clientSecret, redirectUrl)
      const { S256 } = CodeChallengeMethod
      const url = client.createAuthorizationURLWithPKCE(authorizationUrl, state, S256, proof.verifier, [
        ...scopes,
      ])
      for (const [name, value] of Object.entries(parameters?.(proof) ?? {})) url.searchParams.set(name, value)
      return url.href
    },
    identify: (code, redirectUrl, proof, caller) =>
      // Not to be tried again: a code can be used once.
      dependency.call(
        async (signal) => {
          const tokens = await exchangeCode({ settings, dependency, signal }, code, redirectUrl, proof)
          return 'refusal' in tokens ? tokens : whoIs(tokens, proof, signal)
        },
        { signal: caller },
      ),
  }
}
