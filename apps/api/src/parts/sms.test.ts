import type { CoreDb } from '@plinth/core'
import { type TestApp, testApp } from '@plinth/testing'
import { type TestSmsGateway, testSmsGateway } from '@plinth/testing/outside'
import { expect, test } from 'vitest'
import { faults } from '../../test/faults.ts'

const over = (gateway: TestSmsGateway, more: Readonly<Record<string, string>> = {}) => ({
  PLINTH_SMS_TRANSPORT: 'http',
  PLINTH_SMS_URL: gateway.url,
  PLINTH_SMS_TOKEN: 'gateway-token',
  PLINTH_SMS_FROM: 'Plinth',
  ...more,
})

/** An account that proved a number. */
const withPhone = async (app: TestApp, phone: string) => {
  const { account } = await app.as('user')
  const proved = { phone, phone_verified_at: app.clock.now().toISOString() }
  await app.db
    .as<CoreDb>()
    .transaction((trx) => trx.updateTable('users').set(proved).where('id', '=', account.id).execute())
}

const forgot = (app: TestApp, phone: string) => app.client.core.passwords.forgot.mutate({ phone })

/** How attempts at sending codes ended so far. */
const ended = async (app: TestApp, result: string): Promise<number> => {
  const { text } = await app.rest('GET', '/metrics')
  const line = `plinth_jobs_total{name="send-one-time-code",result="${result}"} `
  const found = text.split('\n').find((one) => one.startsWith(line))
  return Number(found?.slice(line.length) ?? 0)
}

test('a short message leaves through the gateway, after the commit and from a job alone, and works', async () => {
  await using gateway = await testSmsGateway()
  await using app = await testApp({ env: over(gateway) })
  const phone = '+4930123456'
  await withPhone(app, phone)
  await forgot(app, phone)
  expect(gateway.received).toEqual([])
  await app.settle()
  expect(gateway.received).toMatchObject([{ to: phone, from: 'Plinth' }])
  expect(await app.mails()).toEqual([])
  const [code = ''] = /^\d{6}/.exec(String(gateway.received[0]?.text)) ?? []
  await app.client.core.passwords.reset.mutate({ phone, code, newPassword: 'an even longer phrase 8' })
  expect((await app.rest('GET', '/ready')).body).toMatchObject({
    status: 'up',
    checks: expect.arrayContaining([expect.objectContaining({ name: 'sms' })]),
  })
  expect((await app.rest('GET', '/metrics')).text).toContain(
    'plinth_outside_calls_total{dependency="sms",outcome="ok"} 1',
  )
})

test('short messages that are kept show in the mailbox', async () => {
  await using app = await testApp()
  const phone = '+4930123456'
  await withPhone(app, phone)
  await forgot(app, phone)
  await app.settle()
  const [message] = await app.mails()
  const list = await app.rest('GET', '/mailbox')
  expect(list.text).toContain(`SMS: ${message?.text.slice(0, 20)}`)
  const page = await app.rest('GET', `/mailbox/${message?.id}`)
  expect(page.text).toContain(message?.text)
})

test('a number that is refused for good ends the job at once, and nothing of the message is logged', async () => {
  await using gateway = await testSmsGateway()
  gateway.refusals.set('+4930123456', 422)
  await using app = await testApp({ env: over(gateway) })
  await withPhone(app, '+4930123456')
  await forgot(app, '+4930123456')
  await app.settle()
  expect([await ended(app, 'dead'), await ended(app, 'retried')]).toEqual([1, 0])
  const logged = JSON.stringify(app.logged)
  expect(logged).toContain('sms refused')
  expect(logged).not.toContain('4930123456')
})

test('while the gateway is away requests go on, /ready is degraded, and a code that is still good comes later', async () => {
  const gateway = await testSmsGateway()
  await using app = await testApp({
    env: over(gateway, { PLINTH_OUTSIDE_DEPENDENCIES: '{"sms":{"minimumCalls":1,"openMs":1}}' }),
  })
  const phone = '+4930123456'
  await withPhone(app, phone)
  await gateway[Symbol.asyncDispose]()
  await forgot(app, phone)
  await app.settle()
  const { status, body } = await app.rest('GET', '/ready')
  expect([status, (body as { status: string }).status]).toEqual([200, 'degraded'])
  expect(await ended(app, 'retried')).toBe(1)
  await using back = await testSmsGateway({ port: gateway.port })
  app.clock.advance(30_000)
  await app.settle()
  expect(back.received).toMatchObject([{ to: phone }])
  await forgot(app, phone).catch(() => undefined)
  app.clock.advance(3_600_000)
  await forgot(app, phone)
  app.clock.advance(600_000)
  await app.settle()
  // Nobody waits for a code any more that has expired.
  expect(back.received).toHaveLength(1)
})

test('what short messages lack to be sent is said at the start', () => {
  const without = faults({ PLINTH_SMS_TRANSPORT: 'http' })
  expect(without).toContain('sms.url (PLINTH_SMS_URL): is needed when sms.transport is http')
  expect(without).toContain('sms.token (PLINTH_SMS_TOKEN): is needed when sms.transport is http')
  expect(faults({ PLINTH_SMS_URL: 'https://localhost' })).toContain('sms.transport (PLINTH_SMS_TRANSPORT)')
  expect(faults({ PLINTH_SMS_URL: 'smtp://localhost' })).toContain('sms.url (PLINTH_SMS_URL)')
})
