import { type TestApp, testApp } from '@plinth/testing'
import { totpCode } from '@plinth/testing/outside'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { signInBy, tally, withTotp } from '../../test/factors.ts'

const STEP = 30_000
const MANY = 50

let app: TestApp
beforeAll(async () => {
  app = await testApp({
    env: { PLINTH_SECOND_FACTORS_FAILURES: '100', PLINTH_SECOND_FACTORS_ACCOUNT_FAILURES: '100' },
  })
})
afterAll(() => app[Symbol.asyncDispose]())

const atOnce = <R>(call: () => Promise<R>, count = MANY): Promise<R[]> =>
  Promise.all(Array.from({ length: count }, call))

const codeOf = (error: unknown): string => (error as { data: { code: string } }).data.code

const settled = (call: () => Promise<unknown>): Promise<string | null> => call().then(() => null, codeOf)

test('of fifty logins at the same time with one code of the app, one is made', async () => {
  const user = await withTotp(app)
  app.clock.advance(STEP)
  const answers = await atOnce(() => signInBy(app, user, { code: user.code() }))
  expect(tally(answers.map(({ code }) => code))).toEqual({ done: 1, SECOND_FACTOR_INVALID: MANY - 1 })
})

test('of fifty logins at the same time with one recovery code, one is made', async () => {
  const user = await withTotp(app)
  const recoveryCode = user.recoveryCodes[0] ?? ''
  const answers = await atOnce(() => signInBy(app, user, { recoveryCode }))
  expect(tally(answers.map(({ code }) => code))).toEqual({ done: 1, SECOND_FACTOR_INVALID: MANY - 1 })
  expect((await user.client.core.secondFactors.get.query()).recoveryCodesLeft).toBe(9)
})

test('a code that signs in can not prove or switch off at the same time', async () => {
  const user = await withTotp(app)
  app.clock.advance(STEP)
  const secondFactor = { code: user.code() }
  const { sessions, secondFactors } = user.client.core
  const codes = await Promise.all([
    ...Array.from({ length: 5 }, async () => (await signInBy(app, user, secondFactor)).code),
    ...Array.from({ length: 5 }, () => settled(() => sessions.prove.mutate({ secondFactor }))),
  ])
  expect(tally(codes)).toEqual({ done: 1, SECOND_FACTOR_INVALID: 9 })
  expect(await settled(() => secondFactors.disableTotp.mutate({ secondFactor }))).toBe(
    'SECOND_FACTOR_INVALID',
  )
})

test('of many confirmations at the same time one switches the app on, and its recovery codes are the ones that work', async () => {
  const user = await app.as('user')
  const { secondFactors } = user.client.core
  const { secret } = await secondFactors.enrolTotp.mutate()
  const code = totpCode(secret, app.clock.now())
  const shown: string[][] = []
  const codes = await atOnce(
    () => settled(async () => shown.push((await secondFactors.confirmTotp.mutate({ code })).recoveryCodes)),
    10,
  )
  expect(tally(codes)).toEqual({ done: 1, TOTP_NOT_ENROLLED: 9 })
  expect((await signInBy(app, user, { recoveryCode: shown[0]?.[0] ?? '' })).code).toBeNull()
})

test('an enrolment that is begun anew while the old one is confirmed leaves one app, and it is known which', async () => {
  const user = await app.as('user')
  const { secondFactors } = user.client.core
  const { secret } = await secondFactors.enrolTotp.mutate()
  const code = totpCode(secret, app.clock.now())
  let renewed: string | null = null
  const [enrolled, confirmed] = await Promise.all([
    settled(async () => {
      renewed = (await secondFactors.enrolTotp.mutate()).secret
    }),
    settled(() => secondFactors.confirmTotp.mutate({ code })),
  ])
  // Whichever came first: the other one is told.
  expect([
    { enrolled: 'TOTP_ON', confirmed: null },
    { enrolled: null, confirmed: 'SECOND_FACTOR_INVALID' },
  ]).toContainEqual({ enrolled, confirmed })
  app.clock.advance(STEP)
  const valid = totpCode(renewed ?? secret, app.clock.now())
  if (renewed) await secondFactors.confirmTotp.mutate({ code: valid })
  else expect((await signInBy(app, user, { code: valid })).code).toBeNull()
})

test('fifty wrong codes at the same time are not more than may be tried, for one network and for the account', async () => {
  await using strict = await testApp({
    env: { PLINTH_SECOND_FACTORS_ACCOUNT_FAILURES: '8', PLINTH_TRUSTED_PROXIES: '1' },
  })
  const user = await withTotp(strict)
  strict.clock.advance(STEP)
  const wrong = { code: user.code(100) }
  const { email, password } = user
  const tryFrom = async (address: string) => {
    const { body } = await strict.rest('POST', '/api/v1/auth/login', {
      body: { email, password, secondFactor: wrong },
      headers: { 'x-forwarded-for': address },
    })
    return (body as { code: string }).code
  }
  expect(tally(await atOnce(() => tryFrom('203.0.113.1')))).toEqual({
    SECOND_FACTOR_INVALID: 5,
    TOO_MANY_REQUESTS: MANY - 5,
  })
  const others = await Promise.all(Array.from({ length: MANY }, (_, index) => tryFrom(`198.51.100.${index}`)))
  expect(tally(others)).toEqual({ SECOND_FACTOR_INVALID: 3, TOO_MANY_REQUESTS: MANY - 3 })
  expect((await signInBy(strict, user, { code: user.code() })).code).toBe('TOO_MANY_REQUESTS')
})
