import type { Exchange, Principal } from '../exchange.ts'
import { readCookie } from '../exchange.ts'
import type { Authenticator, Clock } from '../ports.ts'

/** The cookie of the access token. */
export const ACCESS_COOKIE = 'plinth_access'

const NOBODY: Principal = { actor: null, source: 'none', refusal: null }

interface Credential {
  readonly token: string
  readonly source: 'bearer' | 'cookie'
}

const credential = (exchange: Exchange): Credential | null => {
  const authorization = exchange.header('authorization')
  if (authorization !== undefined) {
    const [scheme = '', token = ''] = authorization.split(' ')
    return { token: scheme.toLowerCase() === 'bearer' ? token.trim() : '', source: 'bearer' }
  }
  const cookie = readCookie(exchange.header('cookie'), ACCESS_COOKIE)
  return cookie === undefined ? null : { token: cookie, source: 'cookie' }
}

const resolve = async (found: Credential, authenticator: Authenticator, clock: Clock): Promise<Principal> => {
  const result = await authenticator.authenticate(found.token, clock.now())
  return typeof result === 'string'
    ? { actor: null, source: found.source, refusal: result }
    : { actor: result, source: found.source, refusal: null }
}

/** Finds who calls, once per request. A credential that is wrong is kept as a refusal, for `access` to judge. */
export const principalOf = (
  exchange: Exchange,
  authenticator: Authenticator,
  clock: Clock,
): Promise<Principal> | Principal => {
  if (exchange.principal) return exchange.principal
  const found = credential(exchange)
  exchange.principal = found ? resolve(found, authenticator, clock) : NOBODY
  return exchange.principal
}
