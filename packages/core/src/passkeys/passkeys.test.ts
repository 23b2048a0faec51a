import type { Assertion, Attestation } from '@plinth/contract'
import { type TestActor, type TestApp, testApp } from '@plinth/testing'
import { type Ceremony, testAuthenticator } from '@plinth/testing/outside'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FACTOR_ENV, PAGE, subjectsFor } from '../../test/factors.ts'
import type { CoreDb } from '../db.ts'

const MINUTE = 60_000
const STRANGE = 'https://evil.example'

let app: TestApp
beforeAll(async () => {
  app = await testApp({ env: FACTOR_ENV })
})
afterAll(() => app[Symbol.asyncDispose]())

const refusal = (code: string) => ({ data: { code } })

const withPasskey = async (who?: TestActor, counts = true) => {
  const user = who ?? (await app.as('user'))
  const { passkeys } = user.client.core
  const authenticator = testAuthenticator({ origin: PAGE, counts })
  const credential = authenticator.create(await passkeys.registrationOptions.mutate())
  return { user, authenticator, passkey: await passkeys.register.mutate({ credential, name: 'Key' }) }
}

const signInOptions = () => app.client.core.passkeys.signInOptions.mutate()

const signInWith = async (credential: Assertion): Promise<string | null> => {
  const { body } = await app.rest('POST', '/api/v1/auth/passkey', { body: { credential } })
  return (body as { code?: string }).code ?? null
}

describe('a passkey', () => {
  test('is added, listed without its key, renamed, signs in, and is removed', async () => {
    const { user, authenticator, passkey } = await withPasskey()
    const { passkeys, sessions } = user.client.core
    expect(passkey).toEqual({
      id: expect.stringMatching(/^psk_/),
      name: 'Key',
      synced: false,
      backedUp: false,
      transports: ['usb'],
      aaguid: '00000000-0000-0000-0000-000000000000',
      createdAt: app.clock.now().toISOString(),
      lastUsedAt: null,
      suspendedAt: null,
    })
    app.clock.advance(1000)
    expect((await passkeys.update.mutate({ id: passkey.id, name: 'Blue key' })).name).toBe('Blue key')
    const options = await signInOptions()
    expect(options).toMatchObject({ rpId: 'localhost', userVerification: 'required', allowCredentials: [] })
    const signedIn = await app.client.core.passkeys.signIn.mutate({
      credential: authenticator.get(options),
      deviceName: 'Laptop',
    })
    expect(signedIn.account).toEqual(user.account)
    const [login] = (await sessions.list.query({})).items
    expect(login).toMatchObject({ id: signedIn.loginId, method: 'passkey' })
    const { items } = await passkeys.list.query({})
    expect(items).toEqual([{ ...passkey, name: 'Blue key', lastUsedAt: app.clock.now().toISOString() }])
    expect((await user.client.core.secondFactors.get.query()).passkeys).toBe(1)
    await passkeys.delete.mutate({ id: passkey.id })
    expect((await passkeys.list.query({})).items).toEqual([])
    expect(await signInWith(authenticator.get(await signInOptions()))).toBe('PASSKEY_REFUSED')
    expect((await subjectsFor(app, user.email)).toSorted()).toEqual([
      'A new sign-in to your account',
      'A passkey was added',
      'A passkey was removed',
    ])
  })

  test('that does not count its signatures signs in again and again', async () => {
    const { authenticator, passkey } = await withPasskey(undefined, false)
    expect(passkey).toMatchObject({ synced: true, backedUp: true, transports: ['internal'] })
    for (let times = 0; times < 3; times += 1)
      expect(await signInWith(authenticator.get(await signInOptions()))).toBeNull()
  })

  test('signs in without the second factor of its account, being two by itself', async () => {
    const { user, authenticator } = await withPasskey()
    await user.client.core.secondFactors.enrolTotp.mutate()
    expect(await signInWith(authenticator.get(await signInOptions()))).toBeNull()
  })

  test('of an account that is banned does not sign in, and says why only to its owner', async () => {
    const { user, authenticator } = await withPasskey()
    await app.db
      .as<CoreDb>()
      .transaction((trx) =>
        trx.updateTable('users').set({ state: 'banned' }).where('id', '=', user.account.id).execute(),
      )
    expect(await signInWith(authenticator.get(await signInOptions()))).toBe('ACCOUNT_BANNED')
    const forged = authenticator.get(await signInOptions(), { origin: STRANGE })
    expect(await signInWith(forged)).toBe('PASSKEY_REFUSED')
  })

  test('of somebody else can be neither renamed nor removed', async () => {
    const { passkey } = await withPasskey()
    const { passkeys } = (await app.as('user')).client.core
    for (const call of [
      () => passkeys.update.mutate({ id: passkey.id, name: 'Mine' }),
      () => passkeys.delete.mutate({ id: passkey.id }),
    ])
      await expect(call()).rejects.toMatchObject(refusal('NOT_FOUND'))
  })
})

describe('a new passkey is refused', () => {
  const faults: [string, Ceremony][] = [
    ['made in another origin', { origin: STRANGE }],
    ['made at another port', { origin: 'http://localhost:4001' }],
    ['made for another site', { rpId: 'evil.example' }],
    ['made in a frame of another site', { crossOrigin: true }],
    ['whose user was not verified', { verified: false }],
    ['with an attestation that nobody asked for', { format: 'fido-u2f' }],
    [
      'with certificates, which would be fetched',
      { format: 'packed', statement: new Map([['x5c', new Uint8Array(1)]]) },
    ],
  ]
  test.each(faults)('%s', async (_, ceremony) => {
    const { passkeys } = (await app.as('user')).client.core
    const options = await passkeys.registrationOptions.mutate()
    const authenticator = testAuthenticator({ origin: PAGE })
    const add = (credential: Attestation) => passkeys.register.mutate({ credential })
    await expect(add(authenticator.create(options, ceremony))).rejects.toMatchObject({
      data: { code: 'PASSKEY_INVALID', httpStatus: 422, errors: [{ path: 'credential' }] },
    })
    // Its challenge is used up, so that nobody tries until something fits.
    await expect(add(authenticator.create(options))).rejects.toMatchObject(refusal('PASSKEY_INVALID'))
    await add(authenticator.create(await passkeys.registrationOptions.mutate()))
  })

  test.each([
    ['fido-u2f', new Map()],
    ['packed', new Map([['x5c', new Uint8Array(1)]])],
  ])('with an attestation of the form %s before anything in it is read', async (format, statement) => {
    const { passkeys } = (await app.as('user')).client.core
    const options = await passkeys.registrationOptions.mutate()
    const credential = testAuthenticator({ origin: PAGE }).create(options, { format, statement })
    const before = app.logged.length
    await expect(passkeys.register.mutate({ credential })).rejects.toMatchObject(refusal('PASSKEY_INVALID'))
    expect(app.logged.slice(before)).toContainEqual(
      expect.objectContaining({ reason: `An attestation of the form ${format} was not asked for` }),
    )
  })

  test('for a challenge of another login, an older one, one that expired, or one to sign in with', async () => {
    const user = await app.as('user')
    const { passkeys } = user.client.core
    const authenticator = testAuthenticator({ origin: PAGE })
    const { tokens } = await app.client.core.sessions.login.mutate({
      email: user.email,
      password: user.password,
    })
    const other = app.clientWith({ authorization: `Bearer ${tokens?.accessToken}` })
    const older = await passkeys.registrationOptions.mutate()
    const elsewhere = await other.core.passkeys.registrationOptions.mutate()
    const { challenge } = await signInOptions()
    const newest = await passkeys.registrationOptions.mutate()
    for (const options of [older, elsewhere, { ...newest, challenge }])
      await expect(
        passkeys.register.mutate({ credential: authenticator.create(options) }),
      ).rejects.toMatchObject(refusal('PASSKEY_INVALID'))
    app.clock.advance(5 * MINUTE)
    await expect(
      passkeys.register.mutate({ credential: authenticator.create(newest) }),
    ).rejects.toMatchObject(refusal('PASSKEY_INVALID'))
  })

  test('that was added before, to whichever account', async () => {
    const { authenticator } = await withPasskey()
    const { passkeys } = (await app.as('user')).client.core
    const credential = authenticator.create(await passkeys.registrationOptions.mutate())
    await expect(passkeys.register.mutate({ credential })).rejects.toMatchObject(refusal('PASSKEY_TAKEN'))
  })

  test('beyond the most that an account may have; those that it has are named to the browser', async () => {
    await using small = await testApp({ env: { ...FACTOR_ENV, PLINTH_PASSKEYS_MOST: '2' } })
    const { passkeys } = (await small.as('user')).client.core
    const create = (options: Parameters<ReturnType<typeof testAuthenticator>['create']>[0]) =>
      testAuthenticator({ origin: PAGE }).create(options)
    await passkeys.register.mutate({ credential: create(await passkeys.registrationOptions.mutate()) })
    const options = await passkeys.registrationOptions.mutate()
    expect(options.excludeCredentials).toHaveLength(1)
    await passkeys.register.mutate({ credential: create(options) })
    await expect(passkeys.registrationOptions.mutate()).rejects.toMatchObject(refusal('PASSKEYS_FULL'))
  })
})

describe('a signature is refused', () => {
  const faults: [string, Ceremony][] = [
    ['from another origin', { origin: STRANGE }],
    ['for another site', { rpId: 'evil.example' }],
    ['in a frame of another site', { crossOrigin: true }],
    ['without verifying its user', { verified: false }],
    [
      'that says whose it is of somebody else',
      { userHandle: Buffer.from('usr_other').toString('base64url') },
    ],
    ['that does not say whose it is', { userHandle: null }],
  ]
  test.each(faults)('%s', async (_, ceremony) => {
    const { authenticator } = await withPasskey()
    expect(await signInWith(authenticator.get(await signInOptions(), ceremony))).toBe('PASSKEY_REFUSED')
    expect(await signInWith(authenticator.get(await signInOptions()))).toBeNull()
  })

  test('by another key, and by one that nobody added', async () => {
    const { authenticator } = await withPasskey()
    const stranger = testAuthenticator({ origin: PAGE })
    const options = await signInOptions()
    expect(await signInWith(stranger.get(options, { userHandle: 'dXNy' }))).toBe('PASSKEY_REFUSED')
    const right = authenticator.get(await signInOptions())
    const { response } = stranger.get(await signInOptions(), { counter: 9 })
    const mixed = { ...right, response: { ...right.response, signature: response.signature } }
    expect(await signInWith(mixed)).toBe('PASSKEY_REFUSED')
  })

  test('that is sent a second time, and one for a challenge that expired or that is not ours', async () => {
    const { authenticator } = await withPasskey()
    const signed = authenticator.get(await signInOptions())
    expect(await signInWith(signed)).toBeNull()
    expect(await signInWith(signed)).toBe('PASSKEY_REFUSED')
    const late = authenticator.get(await signInOptions())
    app.clock.advance(5 * MINUTE)
    expect(await signInWith(late)).toBe('PASSKEY_REFUSED')
    const { rpId } = await signInOptions()
    const challenge = Buffer.alloc(32, 7).toString('base64url')
    expect(await signInWith(authenticator.get({ challenge, rpId }))).toBe('PASSKEY_REFUSED')
  })

  test('by a passkey that was copied: it is suspended, its owner signed out everywhere and told', async () => {
    const { user, authenticator, passkey } = await withPasskey()
    expect(await signInWith(authenticator.get(await signInOptions(), { counter: 7 }))).toBeNull()
    // Whoever does not have the key can not have it suspended by a number.
    const options = await signInOptions()
    const { id, rawId, response } = authenticator.get(options)
    const forged = testAuthenticator({ origin: PAGE }).get(options, {
      counter: 1,
      userHandle: response.userHandle ?? null,
    })
    expect(await signInWith({ ...forged, id, rawId })).toBe('PASSKEY_REFUSED')
    expect((await user.client.core.passkeys.list.query({})).items[0]?.suspendedAt).toBeNull()
    const copied = authenticator.get(await signInOptions(), { counter: 7 })
    expect(await signInWith(copied)).toBe('PASSKEY_REFUSED')
    await expect(user.client.core.passkeys.list.query({})).rejects.toMatchObject(refusal('TOKEN_REVOKED'))
    expect(await signInWith(authenticator.get(await signInOptions(), { counter: 99 }))).toBe(
      'PASSKEY_REFUSED',
    )
    const { tokens } = await app.client.core.sessions.login.mutate({
      email: user.email,
      password: user.password,
    })
    const { passkeys } = app.clientWith({ authorization: `Bearer ${tokens?.accessToken}` }).core
    expect((await passkeys.list.query({})).items).toMatchObject([
      { id: passkey.id, suspendedAt: app.clock.now().toISOString() },
    ])
    expect(await subjectsFor(app, user.email)).toContain('A passkey was suspended, and you were signed out')
    const entries = await app.db.read
      .selectFrom('audit_log')
      .select(['action', 'outcome', 'code'])
      .where('target', 'in', [passkey.id, user.account.id])
      .where('action', 'like', 'core.passkeys.s%')
      .where('outcome', '=', 'done')
      .execute()
    expect(entries).toContainEqual({ action: 'core.passkeys.suspend', outcome: 'done', code: null })
  })
})
