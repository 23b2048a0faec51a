import { type Dependency, type IdentityProof, OutsideError } from '@plinth/kit'
import type { OAuth2Tokens } from 'arctic'
import { askJson } from './http.ts'
import type { ProviderSettings } from './provider.ts'

// What a provider says of a code that is wrong, used, too old or of another sign-in: RFC 6749 and GitHub.
const CODE_FAULTS: ReadonlySet<string> = new Set(['invalid_grant', 'bad_verification_code'])
// The same in Facebook's own form: an OAuthException of this number.
const FACEBOOK_CODE_FAULT = 100

const errorIn = (body: unknown): { readonly error: string; readonly isOfCode: boolean } | null => {
  if (typeof body !== 'object' || body === null || !('error' in body)) return null
  const { error } = body
  if (typeof error === 'string') return { error, isOfCode: CODE_FAULTS.has(error) }
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : null
  return { error: `error ${String(code)}`, isOfCode: code === FACEBOOK_CODE_FAULT }
}

interface Exchange {
  readonly settings: ProviderSettings
  readonly dependency: Dependency
  readonly signal: AbortSignal
}

/**
 * Exchanges a code for tokens. The secret goes into the body, which all of our providers take.
 * @throws {OutsideError} a refusal, where the provider does not accept us: it is set up otherwise than we are.
 */
export const exchangeCode = async (
  { settings, dependency, signal }: Exchange,
  code: string,
  redirectUrl: string,
  { verifier }: IdentityProof,
): Promise<OAuth2Tokens | { readonly refusal: string }> => {
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUrl,
    client_id: settings.clientId,
    client_secret: settings.clientSecret,
    code_verifier: verifier,
  })
  const answer = await askJson(settings.tokenUrl, { method: 'POST', body, signal })
  // GitHub tells of errors with 200.
  const fault = errorIn(answer.body)
  if (fault?.isOfCode) return { refusal: `the code is not accepted: ${fault.error}` }
  if (fault || answer.status !== 200)
    throw new OutsideError(dependency.name, 'refused', {
      cause: new Error(fault?.error ?? `it answered ${answer.status}`),
    })
  if (typeof answer.body !== 'object' || answer.body === null) throw new Error('it answered no tokens')
  const { OAuth2Tokens: Tokens } = await import('arctic')
  return new Tokens(answer.body)
}
