import { type TestApp, testApp } from '@plinth/testing'
import { totpCode } from '@plinth/testing/outside'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signInBy, subjectsFor, withTotp } from '../../test/factors.ts'
import { purgeFactors } from './purge.ts'

const STEP = 30_000
const HOUR = 3_600_000

let app: TestApp
beforeAll(async () => {
  app = await testApp({
    env: { PLINTH_SESSIONS_FRESH_MS: String(5 * HOUR), PLINTH_SESSIONS_ACCESS_TOKEN_MS: String(9 * HOUR) },
  })
})
afterAll(() => app[Symbol.asyncDispose]())

const refusal = (code: string) => ({ data: { code } })

describe('an authenticator app', () => {
  test('is asked for once it is confirmed, and its code signs in together with the password', async () => {
    const user = await app.as('user')
    const { secondFactors } = user.client.core
    expect(await secondFactors.get.query()).toEqual({
      totp: { enabledAt: null, pendingUntil: null },
      recoveryCodesLeft: 0,
      passkeys: 0,
    })
    const { secret, uri, pendingUntil } = await secondFactors.enrolTotp.mutate()
    const address = new URL(uri)
    expect([address.protocol, address.host, address.searchParams.get('secret')]).toEqual([
      'otpauth:',
      'totp',
      secret,
    ])
    expect(decodeURIComponent(address.pathname)).toBe(`/Plinth:${user.email}`)
    expect((await secondFactors.get.query()).totp).toEqual({ enabledAt: null, pendingUntil })
    expect((await signInBy(app, user)).code).toBeNull()
    const code = totpCode(secret, app.clock.now())
    const { enabledAt, recoveryCodes } = await secondFactors.confirmTotp.mutate({ code })
    expect(new Set(recoveryCodes).size).toBe(10)
    expect(await secondFactors.get.query()).toEqual({
      totp: { enabledAt, pendingUntil: null },
      recoveryCodesLeft: 10,
      passkeys: 0,
    })
    expect(await signInBy(app, user)).toMatchObject({ status: 401, code: 'SECOND_FACTOR_NEEDED' })
    app.clock.advance(STEP)
    const answer = await signInBy(app, user, { code: totpCode(secret, app.clock.now()) })
    expect(answer.status).toBe(200)
    const { items } = await user.client.core.sessions.list.query({})
    expect(items.map(({ method }) => method)).toEqual(['password+totp', 'password', 'password'])
    expect(await subjectsFor(app, user.email)).toContain('Your second factor is on')
  })

  test('is never named to who does not know the password', async () => {
    const user = await withTotp(app)
    const wrong = { ...user, password: 'not the one at all' }
    app.clock.advance(STEP)
    const without = await signInBy(app, wrong)
    const withCode = await signInBy(app, wrong, { code: user.code() })
    const nobody = await signInBy(app, { email: 'nobody@example.com', password: 'not the one at all' })
    expect([without.code, withCode.code, nobody.code]).toEqual(Array(3).fill('INVALID_CREDENTIALS'))
    expect((await signInBy(app, user, { code: user.code() })).code).toBeNull()
  })

  test('shows codes that are good from the step before to the one after, and each of them once', async () => {
    const user = await withTotp(app)
    expect((await signInBy(app, user, { code: user.code() })).code).toBe('SECOND_FACTOR_INVALID')
    app.clock.advance(5 * STEP)
    for (const [steps, code] of [
      [-2, 'SECOND_FACTOR_INVALID'],
      [2, 'SECOND_FACTOR_INVALID'],
      [-1, null],
      [0, null],
      [1, null],
      [1, 'SECOND_FACTOR_INVALID'],
      // A later one was used, so that this one is older than what its owner has sent.
      [0, 'SECOND_FACTOR_INVALID'],
    ] as const)
      expect([steps, (await signInBy(app, user, { code: user.code(steps) })).code]).toEqual([steps, code])
  })

  test('is locked by a few wrong codes, also for the right one, and opens by itself', async () => {
    const user = await withTotp(app)
    app.clock.advance(STEP)
    for (let index = 0; index < 5; index += 1)
      expect((await signInBy(app, user, { code: user.code(50 + index) })).code).toBe('SECOND_FACTOR_INVALID')
    const locked = await signInBy(app, user, { code: user.code() })
    expect(locked).toMatchObject({ status: 429, code: 'TOO_MANY_REQUESTS' })
    expect(locked.headers.get('retry-after')).toBe('900')
    expect((await signInBy(app, user, { recoveryCode: user.recoveryCodes[0] ?? '' })).status).toBe(429)
    const told = (await subjectsFor(app, user.email)).filter((subject) => /tries codes/.test(subject))
    expect(told).toEqual(['Somebody tries codes for your account'])
    app.clock.advance(15 * 60_000)
    expect((await signInBy(app, user, { code: user.code() })).code).toBeNull()
  })

  test('is switched off by a code, after which the password is enough and its recovery codes are gone', async () => {
    const user = await withTotp(app)
    const { secondFactors } = user.client.core
    await expect(
      secondFactors.disableTotp.mutate({ secondFactor: { code: user.code(9) } }),
    ).rejects.toMatchObject(refusal('SECOND_FACTOR_INVALID'))
    app.clock.advance(STEP)
    await secondFactors.disableTotp.mutate({ secondFactor: { code: user.code() } })
    expect(await secondFactors.get.query()).toMatchObject({ totp: { enabledAt: null }, recoveryCodesLeft: 0 })
    expect((await signInBy(app, user)).code).toBeNull()
    await expect(
      secondFactors.disableTotp.mutate({ secondFactor: { code: user.code() } }),
    ).rejects.toMatchObject(refusal('TOTP_OFF'))
    await expect(secondFactors.renewRecoveryCodes.mutate()).rejects.toMatchObject(refusal('TOTP_OFF'))
    expect(await subjectsFor(app, user.email)).toContain('Your second factor is off')
  })

  test('that is on is not replaced, and one that was not confirmed is', async () => {
    const user = await app.as('user')
    const { secondFactors } = user.client.core
    const first = await secondFactors.enrolTotp.mutate()
    const second = await secondFactors.enrolTotp.mutate()
    const codeOf = ({ secret }: { secret: string }) => ({ code: totpCode(secret, app.clock.now()) })
    await expect(secondFactors.confirmTotp.mutate(codeOf(first))).rejects.toMatchObject(
      refusal('SECOND_FACTOR_INVALID'),
    )
    await secondFactors.confirmTotp.mutate(codeOf(second))
    await expect(secondFactors.enrolTotp.mutate()).rejects.toMatchObject(refusal('TOTP_ON'))
    await expect(secondFactors.confirmTotp.mutate(codeOf(second))).rejects.toMatchObject(
      refusal('TOTP_NOT_ENROLLED'),
    )
  })

  test('can be confirmed for an hour, and what was not is deleted', async () => {
    const user = await app.as('user')
    const { secondFactors } = user.client.core
    const { secret } = await secondFactors.enrolTotp.mutate()
    app.clock.advance(HOUR)
    expect((await secondFactors.get.query()).totp.pendingUntil).toBeNull()
    const code = totpCode(secret, app.clock.now())
    await expect(secondFactors.confirmTotp.mutate({ code })).rejects.toMatchObject(
      refusal('ENROLMENT_EXPIRED'),
    )
    const kept = await withTotp(app)
    const { enrolmentMs } = app.settings.secondFactors
    const attempts = { failures: 1, windowMs: 1, lockMs: 1 }
    const rules = { issuer: '', enrolmentMs, attempts: { perNetwork: attempts, perAccount: attempts } }
    await purgeFactors(app.db, rules).run(app.clock.now(), new AbortController().signal)
    await expect(secondFactors.confirmTotp.mutate({ code })).rejects.toMatchObject(
      refusal('TOTP_NOT_ENROLLED'),
    )
    expect((await kept.client.core.secondFactors.get.query()).totp.enabledAt).not.toBeNull()
  })
})

describe('a recovery code', () => {
  test('signs in once in the place of the app, however its owner writes it, and its owner is told', async () => {
    const user = await withTotp(app)
    const [first = '', second = ''] = user.recoveryCodes
    expect((await signInBy(app, user, { recoveryCode: first })).code).toBeNull()
    expect((await signInBy(app, user, { recoveryCode: first })).code).toBe('SECOND_FACTOR_INVALID')
    const written = second.replaceAll('-', ' ').toUpperCase().replaceAll('0', 'O').replaceAll('1', 'I')
    expect((await signInBy(app, user, { recoveryCode: written })).code).toBeNull()
    expect((await user.client.core.secondFactors.get.query()).recoveryCodesLeft).toBe(8)
    const { items } = await user.client.core.sessions.list.query({})
    expect(items[0]?.method).toBe('password+recovery-code')
    expect((await subjectsFor(app, user.email)).filter((subject) => /recovery/.test(subject))).toEqual(
      Array(2).fill('A recovery code was used'),
    )
  })

  test('of one account opens no other, and has no signs that are read for others', async () => {
    const [one, other] = [await withTotp(app), await withTotp(app)]
    const recoveryCode = one.recoveryCodes[0] ?? ''
    expect(one.recoveryCodes.join('')).toMatch(/^[0-9abcdefghjkmnpqrstvwxyz-]+$/)
    expect((await signInBy(app, other, { recoveryCode })).code).toBe('SECOND_FACTOR_INVALID')
  })

  test('works no more once new ones were made', async () => {
    const user = await withTotp(app)
    const { recoveryCodes } = await user.client.core.secondFactors.renewRecoveryCodes.mutate()
    expect(recoveryCodes).toHaveLength(10)
    const [before = ''] = user.recoveryCodes
    const [now = ''] = recoveryCodes
    expect((await signInBy(app, user, { recoveryCode: before })).code).toBe('SECOND_FACTOR_INVALID')
    expect((await signInBy(app, user, { recoveryCode: now })).code).toBeNull()
  })

  test('switches the app off, too, for whoever has lost it', async () => {
    const user = await withTotp(app)
    const recoveryCode = user.recoveryCodes[0] ?? ''
    await user.client.core.secondFactors.disableTotp.mutate({ secondFactor: { recoveryCode } })
    expect((await signInBy(app, user)).code).toBeNull()
  })
})

test('what changes a second factor asks for a fresh proof', async () => {
  const user = await withTotp(app)
  app.clock.advance(5 * HOUR + 1)
  const { secondFactors, passkeys } = user.client.core
  for (const call of [
    () => secondFactors.enrolTotp.mutate(),
    () => secondFactors.confirmTotp.mutate({ code: user.code() }),
    () => secondFactors.disableTotp.mutate({ secondFactor: { code: user.code() } }),
    () => secondFactors.renewRecoveryCodes.mutate(),
    () => passkeys.registrationOptions.mutate(),
    () => passkeys.delete.mutate({ id: 'psk_01jd7m3x5sfa9v8k2cq4w6y8ze' }),
  ])
    await expect(call()).rejects.toMatchObject(refusal('FRESH_SIGN_IN_NEEDED'))
})
