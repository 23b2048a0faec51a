import { testApp } from '@plinth/testing'
import { expect, test } from 'vitest'
import { addAccount, codeTo, NEW_PASSWORD, otherThan, routes } from '../../test/otp.ts'

const MINUTE = 60_000
const SECRET = 'a secret that two servers of this test share'

const answerOf = async (answer: Promise<{ status: number; headers: Headers; body: unknown }>) => {
  const { status, headers, body } = await answer
  return [status, (body as { code?: string }).code, headers.get('retry-after')]
}

test('a second code is sent after the cool-down, five in an hour, and fifteen in a day', async () => {
  await using app = await testApp()
  const email = 'often@example.com'
  await addAccount(app, email)
  const ask = () => answerOf(app.rest('POST', routes.user.forgot, { body: { email } }))
  const sent = [200, undefined, null]
  expect(await ask()).toEqual(sent)
  expect(await ask()).toEqual([429, 'CODE_TOO_SOON', '60'])
  app.clock.advance(MINUTE - 1)
  expect(await ask()).toEqual([429, 'CODE_TOO_SOON', '1'])
  app.clock.advance(1)
  for (let count = 2; count <= 5; count += 1) {
    expect(await ask()).toEqual(sent)
    app.clock.advance(MINUTE)
  }
  expect(await ask()).toEqual([429, 'CODE_TOO_SOON', String(55 * 60)])
  app.clock.advance(55 * MINUTE)
  for (let count = 6; count <= 15; count += 1) {
    expect(await ask()).toEqual(sent)
    app.clock.advance(12 * MINUTE)
  }
  expect((await ask())[1]).toBe('CODE_TOO_SOON')
  app.clock.advance(24 * 60 * MINUTE)
  expect(await ask()).toEqual(sent)
  await app.settle()
  // What was too old when its turn came was not sent any more.
  expect(await app.composed.mailbox.list({ to: email })).toHaveLength(1)
})

test('what one server sent counts on another one, and a code of the one is good at the other', async () => {
  await using app = await testApp({ env: { PLINTH_SECRET: SECRET } })
  await using other = await testApp({
    env: { PLINTH_SECRET: SECRET },
    databaseUrl: app.settings.database.url,
  })
  const email = 'twice@example.com'
  await addAccount(app, email)
  expect((await app.rest('POST', routes.user.forgot, { body: { email } })).status).toBe(200)
  expect(await answerOf(other.rest('POST', routes.user.forgot, { body: { email } }))).toMatchObject([
    429,
    'CODE_TOO_SOON',
    '60',
  ])
  const body = { email, code: await codeTo(app, email), newPassword: NEW_PASSWORD }
  expect((await other.rest('POST', routes.user.reset, { body })).status).toBe(200)
})

test('whoever guesses at one account over many codes has to wait, and others have not', async () => {
  await using app = await testApp({
    env: { PLINTH_TRUSTED_PROXIES: '1', PLINTH_OTP_WRONG_PER_HOUR: '3' },
  })
  const email = 'target@example.com'
  await addAccount(app, email)
  const from = (address: string, path: string, body: object) =>
    answerOf(app.rest('POST', path, { body, headers: { 'x-forwarded-for': address } }))
  const code = async () => {
    await from('198.51.100.1', routes.user.forgot, { email })
    return codeTo(app, email)
  }
  const guess = (address: string, given: string) =>
    from(address, routes.user.reset, { email, code: given, newPassword: NEW_PASSWORD })
  const first = await code()
  for (let count = 0; count < 3; count += 1)
    expect((await guess('2001:db8::1', otherThan(first)))[1]).toBe('CODE_INVALID')
  expect(await guess('2001:db8::2', first)).toEqual([429, 'TOO_MANY_ATTEMPTS', '3600'])
  app.clock.advance(MINUTE)
  const second = await code()
  expect((await guess('2001:db8::1', second))[1]).toBe('TOO_MANY_ATTEMPTS')
  expect((await guess('203.0.113.9', second))[0]).toBe(200)
})

test('one address asks for few codes, whomever for, and so does everybody for one recipient', async () => {
  const limits = { default: { perMinute: 1000, burst: 1000 }, otp: { perMinute: 6, burst: 2 } }
  await using app = await testApp({
    env: { PLINTH_TRUSTED_PROXIES: '1', PLINTH_LIMITS: JSON.stringify(limits) },
  })
  const ask = (address: string, email: string) =>
    answerOf(
      app.rest('POST', routes.organizer.forgot, {
        body: { email },
        headers: { 'x-forwarded-for': address },
      }),
    )
  const codes: unknown[] = []
  for (let index = 0; index < 4; index += 1)
    codes.push((await ask('203.0.113.1', `each-${index}@example.com`))[1])
  expect(codes).toEqual([undefined, undefined, undefined, 'TOO_MANY_REQUESTS'])
  const same: unknown[] = []
  for (let index = 0; index < 4; index += 1)
    same.push((await ask(`203.0.113.2${index}`, 'same@example.com'))[1])
  expect(same).toEqual([undefined, 'CODE_TOO_SOON', 'CODE_TOO_SOON', 'TOO_MANY_REQUESTS'])
})
