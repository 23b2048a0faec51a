import type { TestActor, TestApp } from '@plinth/testing'
import { testAuthenticator } from '@plinth/testing/outside'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FACTOR_ENV, PAGE, withTotp } from '../../test/factors.ts'
import { appWithLoginsIn, loginStores } from '../../test/login-stores.ts'
import type { CoreDb } from '../db.ts'

const MINUTE = 60_000
const STEP = 30_000
const refusal = (code: string, ...paths: string[]) => ({
  data: { code, ...(paths.length > 0 && { errors: paths.map((path) => ({ path })) }) },
})

describe.each(loginStores)('with logins in %s', (store) => {
  let app: TestApp
  beforeAll(async () => {
    const env = { ...FACTOR_ENV, PLINTH_SESSIONS_ACCESS_TOKEN_MS: String(600 * MINUTE) }
    app = await appWithLoginsIn(store, { env })
  })
  afterAll(() => app[Symbol.asyncDispose]())

  // Anything that is open only to who has just proved who they are.
  const isFresh = ({ client }: TestActor): Promise<boolean> =>
    client.core.passkeys.registrationOptions.mutate().then(
      () => true,
      (error: { data: { code: string } }) => {
        expect(error).toMatchObject(refusal('FRESH_SIGN_IN_NEEDED'))
        return false
      },
    )

  test('a login is fresh for a while after it was made, and again after each proof', async () => {
    const user = await app.as('user')
    expect(await isFresh(user)).toBe(true)
    app.clock.advance(15 * MINUTE)
    expect(await isFresh(user)).toBe(true)
    app.clock.advance(1)
    expect(await isFresh(user)).toBe(false)
    const at = app.clock.now()
    expect(await user.client.core.sessions.prove.mutate({ password: user.password })).toEqual({
      provenAt: at.toISOString(),
      freshUntil: new Date(at.getTime() + 15 * MINUTE).toISOString(),
    })
    expect(await isFresh(user)).toBe(true)
    const [login] = (await user.client.core.sessions.list.query({})).items
    expect(login?.provenAt).toBe(at.toISOString())
    app.clock.advance(15 * MINUTE + 1)
    expect(await isFresh(user)).toBe(false)
  })

  test('a proof makes its own login fresh and no other one', async () => {
    const user = await app.as('user')
    const { tokens } = await app.client.core.sessions.login.mutate({
      email: user.email,
      password: user.password,
    })
    const other = { ...user, client: app.clientWith({ authorization: `Bearer ${tokens?.accessToken}` }) }
    app.clock.advance(16 * MINUTE)
    await other.client.core.sessions.prove.mutate({ password: user.password })
    expect([await isFresh(user), await isFresh(other)]).toEqual([false, true])
  })

  test('where a second factor is on, the password alone proves nothing, and a code does', async () => {
    const user = await withTotp(app)
    const { prove } = user.client.core.sessions
    app.clock.advance(16 * MINUTE)
    await expect(prove.mutate({ password: user.password })).rejects.toMatchObject(
      refusal('SECOND_FACTOR_NEEDED'),
    )
    const secondFactor = { code: user.code() }
    await expect(prove.mutate({ password: 'not the one at all', secondFactor })).rejects.toMatchObject(
      refusal('PROOF_INVALID', 'password'),
    )
    expect(await isFresh(user)).toBe(false)
    await prove.mutate({ password: user.password, secondFactor })
    expect(await isFresh(user)).toBe(true)
    app.clock.advance(16 * MINUTE)
    await prove.mutate({ secondFactor: { code: user.code() } })
    await expect(prove.mutate({ secondFactor: { code: user.code() } })).rejects.toMatchObject(
      refusal('SECOND_FACTOR_INVALID'),
    )
    app.clock.advance(16 * MINUTE)
    await prove.mutate({ secondFactor: { recoveryCode: user.recoveryCodes[0] ?? '' } })
    expect(await isFresh(user)).toBe(true)
  })

  test('a code proves nothing where no second factor is on, and something has to be given', async () => {
    const user = await app.as('user')
    const { prove } = user.client.core.sessions
    await expect(prove.mutate({ secondFactor: { code: '123456' } })).rejects.toMatchObject(
      refusal('PROOF_INVALID', 'secondFactor'),
    )
    await expect(prove.mutate({})).rejects.toMatchObject(refusal('INVALID_INPUT', 'password'))
  })

  test('a passkey proves by itself, for the login that asked alone, and only its owner', async () => {
    const user = await withTotp(app)
    const { passkeys, sessions } = user.client.core
    const authenticator = testAuthenticator({ origin: PAGE })
    await passkeys.register.mutate({
      credential: authenticator.create(await passkeys.registrationOptions.mutate()),
    })
    app.clock.advance(16 * MINUTE)
    const options = await passkeys.proofOptions.mutate()
    expect(options.allowCredentials).toHaveLength(1)
    const passkey = authenticator.get(options, { userHandle: null })
    const stranger = await app.as('user')
    await expect(stranger.client.core.sessions.prove.mutate({ passkey })).rejects.toMatchObject(
      refusal('PROOF_INVALID', 'passkey'),
    )
    await sessions.prove.mutate({ passkey })
    expect(await isFresh(user)).toBe(true)
    await expect(sessions.prove.mutate({ passkey })).rejects.toMatchObject(
      refusal('PROOF_INVALID', 'passkey'),
    )
    // One that was signed to sign in proves nothing, and the other way round.
    const toSignIn = authenticator.get(await app.client.core.passkeys.signInOptions.mutate())
    await expect(sessions.prove.mutate({ passkey: toSignIn })).rejects.toMatchObject(
      refusal('PROOF_INVALID', 'passkey'),
    )
    const toProve = authenticator.get(await passkeys.proofOptions.mutate())
    await expect(app.client.core.passkeys.signIn.mutate({ credential: toProve })).rejects.toMatchObject(
      refusal('PASSKEY_REFUSED'),
    )
  })

  test('guessing at the password of a login that was taken over is stopped, however many guess at once', async () => {
    const user = await app.as('user')
    const guesses = Array.from({ length: 20 }, (_, index) =>
      app.rest('POST', '/api/v1/auth/prove', {
        token: user.accessToken,
        body: { password: `guess number ${index}` },
      }),
    )
    const statuses = (await Promise.all(guesses)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 401)).toHaveLength(5)
    expect(statuses.filter((status) => status === 429)).toHaveLength(15)
    const right = { token: user.accessToken, body: { password: user.password } }
    expect((await app.rest('POST', '/api/v1/auth/prove', right)).status).toBe(429)
    app.clock.advance(15 * MINUTE)
    expect((await app.rest('POST', '/api/v1/auth/prove', right)).status).toBe(200)
  })
})

test('whoever acts for somebody else is never fresh, and can not become it', async () => {
  await using app = await appWithLoginsIn('database', { env: FACTOR_ENV })
  const [admin, user] = [await app.as('admin'), await app.as('user')]
  await app.db
    .as<CoreDb>()
    .transaction((trx) =>
      trx
        .updateTable('logins')
        .set({ impersonated_by: admin.account.id })
        .where('user_id', '=', user.account.id)
        .execute(),
    )
  await expect(user.client.core.secondFactors.enrolTotp.mutate()).rejects.toMatchObject(
    refusal('FRESH_SIGN_IN_NEEDED'),
  )
  await expect(user.client.core.sessions.prove.mutate({ password: user.password })).rejects.toMatchObject(
    refusal('FORBIDDEN'),
  )
  app.clock.advance(STEP)
  await expect(user.client.core.passkeys.registrationOptions.mutate()).rejects.toMatchObject(
    refusal('FRESH_SIGN_IN_NEEDED'),
  )
})
