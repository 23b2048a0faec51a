import type { Clock, IdentityProvider, Outside } from '@plinth/kit'
import { createIdTokens, type IssuerSettings } from './id-token.ts'
import { createProvider, type ProviderSettings, provenIdentity } from './provider.ts'

interface GoogleDeps {
  readonly outside: Outside
  readonly clock: Clock
}

/** Signing in with Google: who somebody is stands in the ID token (OpenID Connect). */
export const createGoogle = (
  settings: ProviderSettings & IssuerSettings,
  { outside, clock }: GoogleDeps,
): IdentityProvider => {
  const read = createIdTokens(settings, clock)
  return createProvider({
    settings,
    dependency: outside.dependency('google'),
    parameters: ({ nonce }) => ({ nonce }),
    async whoIs(tokens, { nonce }) {
      const token = await read(tokens.idToken(), nonce)
      if ('refusal' in token) return token
      const { sub, email, email_verified: emailVerified, name } = token.claims
      return {
        identity: provenIdentity({ subject: sub, email, emailVerified: emailVerified === true, name }),
      }
    },
  })
}
