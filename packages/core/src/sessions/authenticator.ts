import type { Authenticator, LoginStore } from '@plinth/kit'
import { permissionsOf } from '../access/roles.ts'
import type { KeyAuthenticator } from '../api-keys/authenticate.ts'
import { tokenType } from '../tokens.ts'
import { SessionReader } from './adapter.ts'
import { luciaOf } from './lucia.ts'

/**
 * Turns access tokens and API keys into actors with one look-up. What is wrong with a token is told apart: damaged, of
 * another type, unknown, expired, or of a login that was ended. An API key is none for a cookie, and nothing else is one.
 */
export const createAuthenticator = (
  logins: Pick<LoginStore, 'find'>,
  keys: KeyAuthenticator,
): Authenticator => ({
  verify: keys.bySignature,
  async authenticate(token, now, { source, address }) {
    const type = tokenType(token)
    if (type === null) return 'TOKEN_MALFORMED'
    if (type === 'apiKey' && source !== 'cookie') return keys.bySecret(token, now, address)
    if (type !== 'access' || source === 'api-key') return 'TOKEN_WRONG_TYPE'
    const reader = new SessionReader(logins, now)
    const { session, user } = await luciaOf(reader).validateSession(token)
    if (!session) return reader.refusal
    const { role, rights, grants, verified } = user
    const { loginId, portal, provenAt, impersonatedBy, scopes } = session
    return {
      loginId,
      portal,
      provenAt,
      impersonatedBy,
      role,
      verified,
      userId: user.id,
      permissions: permissionsOf(role, rights, grants),
      scopes: scopes === null ? null : new Set(scopes.split(' ')),
    }
  },
})
