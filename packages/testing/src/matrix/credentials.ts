import type { PortalName } from '@plinth/contract'
import { type CoreDb, newToken } from '@plinth/core'
import type { Role, TestActor, TestApp } from '../test-app.ts'
import { badApiKeys } from './bad-api-keys.ts'
import type { BadCredential, Callers } from './matrix.ts'

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Tokens of another make: signed with nothing, and with an algorithm that we do not use. */
const webTokens = (userId: string) => {
  const claims = encoded({ sub: userId, role: 'admin', exp: 4_102_444_800 })
  return {
    unsigned: `${encoded({ alg: 'none', typ: 'JWT' })}.${claims}.`,
    otherAlgorithm: `${encoded({ alg: 'HS256', typ: 'JWT' })}.${claims}.${encoded('signature')}`,
  }
}

const withCharacterChanged = (token: string): string => {
  const at = Math.floor(token.length / 2)
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
}

const changeLogin = (
  app: TestApp,
  { account }: TestActor,
  table: 'sessions' | 'logins',
  change: { readonly expires_at: string } | { readonly portal: 'organizer' | 'merchant' },
): Promise<unknown> =>
  app.db
    .as<CoreDb>()
    .transaction((trx) => trx.updateTable(table).set(change).where('user_id', '=', account.id).execute())

/** Tokens that were good once. */
const spentTokens = async (app: TestApp) => {
  const loggedOut = await app.as('admin')
  await loggedOut.client.core.sessions.logout.mutate()
  const refreshed = await app.as('admin')
  await app.client.core.sessions.refresh.mutate({ refreshToken: refreshed.refreshToken })
  const expired = await app.as('admin')
  await changeLogin(app, expired, 'sessions', { expires_at: app.clock.now().toISOString() })
  const [merchant, organizer] = [await app.as('admin'), await app.as('admin')]
  await changeLogin(app, merchant, 'logins', { portal: 'merchant' })
  await changeLogin(app, organizer, 'logins', { portal: 'organizer' })
  return { loggedOut, refreshed, expired, merchant, organizer }
}

const badCredentials = async (app: TestApp): Promise<readonly BadCredential[]> => {
  const { loggedOut, refreshed, expired, merchant, organizer } = await spentTokens(app)
  const sound = await app.as('admin')
  const { unsigned, otherAlgorithm } = webTokens(sound.account.id)
  const bearer = (title: string, token: string, code: BadCredential['code']): BadCredential => ({
    title,
    headers: { authorization: `Bearer ${token}` },
    code,
  })
  return [
    bearer('no token after the scheme', '', 'TOKEN_MALFORMED'),
    bearer('a damaged token', withCharacterChanged(sound.accessToken), 'TOKEN_MALFORMED'),
    bearer('a token cut short', sound.accessToken.slice(0, -1), 'TOKEN_MALFORMED'),
    bearer('an unsigned token', unsigned, 'TOKEN_MALFORMED'),
    bearer('a token of another algorithm', otherAlgorithm, 'TOKEN_MALFORMED'),
    bearer('a forged token', newToken('access'), 'TOKEN_UNKNOWN'),
    bearer('a refresh token', sound.refreshToken, 'TOKEN_WRONG_TYPE'),
    bearer('a verification token', newToken('verification'), 'TOKEN_WRONG_TYPE'),
    bearer('the token of a login that was ended', loggedOut.accessToken, 'TOKEN_REVOKED'),
    bearer('a token that was renewed', refreshed.accessToken, 'TOKEN_REVOKED'),
    bearer('an expired token', expired.accessToken, 'TOKEN_EXPIRED'),
    {
      ...bearer('the token of a merchant', merchant.accessToken, 'TOKEN_WRONG_AUDIENCE'),
      portal: 'merchant',
    },
    {
      ...bearer('the token of an organizer', organizer.accessToken, 'TOKEN_WRONG_AUDIENCE'),
      portal: 'organizer',
    },
    { title: 'another scheme', headers: { authorization: 'Basic YTpi' }, code: 'TOKEN_MALFORMED' },
    ...(await badApiKeys(app, sound)),
  ]
}

/** Makes what is made only once: the same promise for the same key. */
const once = <K, V>(make: (key: K) => Promise<V>) => {
  const made = new Map<K, Promise<V>>()
  return (key: K): Promise<V> => {
    const known = made.get(key) ?? make(key)
    made.set(key, known)
    return known
  }
}

/** Who calls Plinth. */
export const callersOf = (
  app: TestApp,
  principalOf: (portal: PortalName) => Promise<TestActor>,
): Callers<TestActor> => {
  const bad = once((_: 'all') => badCredentials(app))
  return {
    of: once((role: Role) => app.as(role)),
    fresh: (role) => app.as(role),
    inPortal: once((portal: PortalName) => principalOf(portal)),
    limited: once(async (role: Role) => {
      const { client } = await app.as(role)
      const key = await client.core.apiKeys.create.mutate({ name: 'Limited', scopes: ['products:read'] })
      return key.secret
    }),
    bad: () => bad('all'),
  }
}
