import { type Clock, lazily } from '@plinth/kit'
import type { JWTPayload } from 'jose'
import { fetchBounded } from './http.ts'

/** Who makes ID tokens, and for whom. */
export interface IssuerSettings {
  readonly issuer: string
  readonly keysUrl: string
  readonly clientId: string
}

// Between servers whose clocks are not quite right.
const TOLERANCE = '60 s'

/** What the library does not look at. */
const faultIn = (
  { aud, azp, nonce: brought }: JWTPayload,
  clientId: string,
  nonce: string,
): string | null => {
  // With several audiences it has to say which of them asked.
  const asked = azp ?? (Array.isArray(aud) && aud.length > 1 ? null : clientId)
  if (asked !== clientId) return 'the ID token was made for somebody else'
  return brought === nonce ? null : 'the ID token is of another sign-in'
}

/**
 * Prepares the check of ID tokens (OpenID Connect Core, 3.1.3.7): signature by the issuer's keys, which are kept for ten
 * minutes, issuer, audience, time and nonce.
 */
export const createIdTokens = ({ issuer, keysUrl, clientId }: IssuerSettings, clock: Clock) => {
  // Loaded with the first token: a process pays for it only where somebody signs in so.
  const prepared = lazily(async () => {
    const { createRemoteJWKSet, customFetch, errors, jwtVerify } = await import('jose')
    const keys = createRemoteJWKSet(new URL(keysUrl), { [customFetch]: fetchBounded })
    // What the token itself is to blame for; anything else is a provider that is not well.
    const faults = [
      errors.JWTClaimValidationFailed,
      errors.JWTExpired,
      errors.JWTInvalid,
      errors.JWSInvalid,
      errors.JWSSignatureVerificationFailed,
      errors.JWKSNoMatchingKey,
      errors.JWKSMultipleMatchingKeys,
      errors.JOSEAlgNotAllowed,
    ]
    return { keys, jwtVerify, isOfToken: (error: unknown) => faults.some((Fault) => error instanceof Fault) }
  })
  return async (
    token: string,
    nonce: string,
  ): Promise<{ readonly claims: JWTPayload } | { readonly refusal: string }> => {
    const { keys, jwtVerify, isOfToken } = await prepared()
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience: clientId,
        algorithms: ['RS256'],
        requiredClaims: ['sub', 'exp', 'iat'],
        clockTolerance: TOLERANCE,
        currentDate: clock.now(),
      })
      const refusal = faultIn(payload, clientId, nonce)
      return refusal === null ? { claims: payload } : { refusal }
    } catch (error) {
      if (!isOfToken(error)) throw error
      return {
        refusal: `the ID token is not accepted: ${error instanceof Error ? error.message : 'unknown'}`,
      }
    }
  }
}
