import { describe, expect, test } from 'vitest'
import { appWithLoginsIn, loginStores } from '../../test/login-stores.ts'
import type { CoreDb } from '../db.ts'
import { purgeIdentity } from '../purge.ts'
import { newToken } from '../tokens.ts'

const DAY = 24 * 3_600_000
const code = (expected: string) => ({ data: { code: expected, httpStatus: 401 } })

describe.each(loginStores)('with logins in %s', (store) => {
  test('a refresh answers a new pair, spends the old token and ends the old access token', async () => {
    await using app = await appWithLoginsIn(store)
    const { refreshToken, accessToken, client, account } = await app.as('user')
    const [before] = (await client.core.sessions.list.query({})).items
    app.clock.advance(10 * DAY)
    const answer = await app.client.core.sessions.refresh.mutate({ refreshToken })
    expect(answer).toMatchObject({ loginId: before?.id, account: { id: account.id } })
    expect(answer.tokens?.refreshToken).not.toBe(refreshToken)
    const now = app.clientWith({ authorization: `Bearer ${answer.tokens?.accessToken}` })
    const at = app.clock.now()
    expect((await now.core.sessions.list.query({})).items).toEqual([
      {
        ...before,
        refreshedAt: at.toISOString(),
        expiresAt: new Date(at.getTime() + 30 * DAY).toISOString(),
      },
    ])
    const { body } = await app.rest('GET', '/api/user/profile', { token: accessToken })
    expect(body).toMatchObject({ code: 'TOKEN_REVOKED' })
  })

  test('a spent refresh token ends its whole login, also the tokens that its thief or holder got for it', async () => {
    await using app = await appWithLoginsIn(store)
    const { refreshToken, account } = await app.as('user')
    const { tokens, loginId } = await app.client.core.sessions.refresh.mutate({ refreshToken })
    await expect(app.client.core.sessions.refresh.mutate({ refreshToken })).rejects.toMatchObject(
      code('TOKEN_REUSED'),
    )
    const { body } = await app.rest('GET', '/api/user/profile', { token: tokens?.accessToken ?? '' })
    expect(body).toMatchObject({ code: 'TOKEN_REVOKED' })
    await expect(
      app.client.core.sessions.refresh.mutate({ refreshToken: tokens?.refreshToken }),
    ).rejects.toMatchObject(code('TOKEN_REVOKED'))
    const entries = await app.db.read
      .selectFrom('audit_log')
      .select(['actor_id', 'target', 'outcome', 'code'])
      .where('code', '=', 'TOKEN_REUSED')
      .execute()
    expect(entries).toEqual([
      { actor_id: account.id, target: loginId, outcome: 'refused', code: 'TOKEN_REUSED' },
    ])
  })

  test('of twenty refreshes with one token at the same time one is answered, and the login is ended', async () => {
    await using app = await appWithLoginsIn(store)
    const { refreshToken } = await app.as('user')
    const settled = await Promise.allSettled(
      Array.from({ length: 20 }, () => app.client.core.sessions.refresh.mutate({ refreshToken })),
    )
    const answered = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    expect(answered).toHaveLength(1)
    for (const each of settled)
      if (each.status === 'rejected') expect(each.reason).toMatchObject(code('TOKEN_REUSED'))
    const { body } = await app.rest('GET', '/api/user/profile', {
      token: answered[0]?.tokens?.accessToken ?? '',
    })
    expect(body).toMatchObject({ code: 'TOKEN_REVOKED' })
  })

  test('somebody who was away for longer than old tokens are kept is told that the token expired, and renews it', async () => {
    await using app = await appWithLoginsIn(store)
    const { refreshToken, accessToken } = await app.as('user')
    app.clock.advance(29 * DAY)
    await app.db.as<CoreDb>().transaction((trx) => purgeIdentity(trx, app.clock.now()))
    const { body } = await app.rest('GET', '/api/user/profile', { token: accessToken })
    expect(body).toMatchObject({ code: 'TOKEN_EXPIRED' })
    const { tokens } = await app.client.core.sessions.refresh.mutate({ refreshToken })
    expect((await app.rest('GET', '/api/user/profile', { token: tokens?.accessToken ?? '' })).status).toBe(
      200,
    )
  })

  test('what is wrong with a refresh token is told apart', async () => {
    await using app = await appWithLoginsIn(store)
    const { refreshToken, accessToken } = await app.as('user')
    const refused = (given: string | undefined, why: string) =>
      expect(app.client.core.sessions.refresh.mutate({ refreshToken: given })).rejects.toMatchObject(
        code(why),
      )
    await refused(undefined, 'NOT_SIGNED_IN')
    await refused(`${refreshToken.slice(0, -1)}!`, 'TOKEN_MALFORMED')
    await refused(accessToken, 'TOKEN_WRONG_TYPE')
    await refused(newToken('refresh'), 'TOKEN_UNKNOWN')
    app.clock.advance(30 * DAY)
    await refused(refreshToken, 'TOKEN_EXPIRED')
  })
})
