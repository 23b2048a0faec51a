import type { Exchange, Principal } from '../exchange.ts'
import { readCookie } from '../exchange.ts'
import type { Authenticator, Clock, TokenOrigin } from '../ports.ts'
import { principalBySignature } from './signature.ts'

/** The cookie of the access token. */
export const ACCESS_COOKIE = 'plinth_access'

const NOBODY: Principal = { actor: null, source: 'none', refusal: null }

interface Credential extends TokenOrigin {
  readonly token: string
}

const credential = (exchange: Exchange): Credential | null => {
  const { address } = exchange
  const authorization = exchange.header('authorization')
  if (authorization !== undefined) {
    const [scheme = '', token = ''] = authorization.split(' ')
    return { token: scheme.toLowerCase() === 'bearer' ? token.trim() : '', source: 'bearer', address }
  }
  const apiKey = exchange.header('x-api-key')
  if (apiKey !== undefined) return { token: apiKey.trim(), source: 'api-key', address }
  const cookie = readCookie(exchange.header('cookie'), ACCESS_COOKIE)
  return cookie === undefined ? null : { token: cookie, source: 'cookie', address }
}

const resolve = async (found: Credential, authenticator: Authenticator, clock: Clock): Promise<Principal> => {
  const result = await authenticator.authenticate(found.token, clock.now(), found)
  return typeof result === 'string'
    ? { actor: null, source: found.source, refusal: result }
    : { actor: result, source: found.source, refusal: null }
}

const find = (exchange: Exchange, authenticator: Authenticator, clock: Clock) => {
  const keyId = exchange.header('x-plinth-key')
  if (keyId !== undefined) return principalBySignature(exchange, keyId, authenticator, clock)
  const found = credential(exchange)
  return found ? resolve(found, authenticator, clock) : NOBODY
}

/**
 * Finds who calls, once per request: by a signature, else by `Authorization`, else by `X-Api-Key`, else by the cookie. A
 * credential that is wrong is kept as a refusal, for `access` to judge.
 */
export const principalOf = (
  exchange: Exchange,
  authenticator: Authenticator,
  clock: Clock,
): Promise<Principal> | Principal => {
  exchange.principal ??= find(exchange, authenticator, clock)
  return exchange.principal
}
