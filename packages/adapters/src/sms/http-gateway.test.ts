import { isPermanent } from '@plinth/kit'
import { testSmsGateway } from '@plinth/testing/outside'
import { expect, test } from 'vitest'
import { outsideError, testDependency } from '../../test/outside.ts'
import { createSmsGateway, type SmsGatewaySettings } from './http-gateway.ts'

const sms = { to: '+4930123456', text: '123456 is your code' }

const senderTo = (url: string, own: Partial<SmsGatewaySettings> = {}, limits = {}) => {
  const dependency = testDependency('sms', limits)
  const settings = {
    url,
    token: 'gateway-token',
    fields: { to: 'to', text: 'text', from: 'from' },
    extra: {},
    ...own,
  }
  return { ...createSmsGateway(settings, dependency), dependency }
}

test('a message is posted with the names of fields that the gateway has, its sender and what else it wants', async () => {
  await using gateway = await testSmsGateway({ to: 'recipient' })
  const sender = senderTo(gateway.url, {
    from: 'Shop',
    fields: { to: 'recipient', text: 'message', from: 'originator' },
    extra: { type: 'transactional', recipient: 'never this one' },
  })
  await sender.send(sms)
  expect(gateway.received).toEqual([
    { type: 'transactional', originator: 'Shop', recipient: sms.to, message: sms.text },
  ])
})

test.each([
  [400, 'refused', true],
  [422, 'refused', true],
  [429, 'refused', false],
  [401, 'unavailable', false],
  [403, 'unavailable', false],
  [404, 'unavailable', false],
  [500, 'unavailable', false],
  [503, 'unavailable', false],
])('an answer of %i is %s, for good: %s', async (status, kind, permanent) => {
  await using gateway = await testSmsGateway()
  gateway.refusals.set(sms.to, status)
  const sender = senderTo(gateway.url)
  const error = await outsideError(sender.send(sms))
  expect([error.kind, isPermanent(error)]).toEqual([kind, permanent])
  await sender.send({ ...sms, to: '+4930654321' })
  expect(gateway.received).toHaveLength(1)
})

test('a wrong token is for the operator to mend, and no error tells token, number or text', async () => {
  await using gateway = await testSmsGateway()
  const wrong = senderTo(gateway.url, { token: 'wrong-token' })
  gateway.refusals.set(sms.to, 422)
  const errors = [await outsideError(wrong.send(sms)), await outsideError(senderTo(gateway.url).send(sms))]
  expect(errors.map(({ kind }) => kind)).toEqual(['unavailable', 'refused'])
  const told = errors.map((error) => `${error.stack} ${String(error.cause)} ${JSON.stringify(error)}`).join()
  for (const secret of ['wrong-token', 'gateway-token', '30123456', '123456 is'])
    expect(told).not.toContain(secret)
})

test('a gateway that asks for a pause is given it, and refusals of messages open no circuit', async () => {
  await using gateway = await testSmsGateway()
  gateway.refusals.set(sms.to, 429)
  gateway.refusalHeaders = { 'retry-after': '30' }
  const sender = senderTo(gateway.url, {}, { minimumCalls: 2, windowCalls: 4 })
  for (const _ of [1, 2, 3, 4])
    expect(await outsideError(sender.send(sms))).toMatchObject({ retryAfterMs: 30_000 })
  expect(sender.dependency.state()).toBe('closed')
})

test('a gateway that fails again and again is left alone for a while', async () => {
  await using gateway = await testSmsGateway()
  gateway.refusals.set(sms.to, 500)
  const sender = senderTo(gateway.url, {}, { minimumCalls: 2, windowCalls: 4, openMs: 60_000 })
  for (const _ of [1, 2, 3]) await outsideError(sender.send(sms))
  expect(sender.dependency.state()).toBe('open')
  await outsideError(sender.send({ ...sms, to: '+4930654321' }))
  expect(gateway.received).toEqual([])
})

test('a gateway that does not answer is given up in time, and a message is never sent twice by itself', async () => {
  await using gateway = await testSmsGateway()
  gateway.silent = true
  const impatient = senderTo(gateway.url, {}, { timeoutMs: 50 })
  expect((await outsideError(impatient.send(sms))).kind).toBe('timed-out')
  gateway.silent = false
  await senderTo(gateway.url).send(sms)
  expect(gateway.received).toHaveLength(1)
})

test('a redirect is not followed: the token goes nowhere else', async () => {
  await using gateway = await testSmsGateway()
  await using elsewhere = await testSmsGateway()
  gateway.refusals.set(sms.to, 307)
  gateway.refusalHeaders = { location: elsewhere.url }
  expect((await outsideError(senderTo(gateway.url).send(sms))).kind).toBe('unavailable')
  expect(elsewhere.received).toEqual([])
})
