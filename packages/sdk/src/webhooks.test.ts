import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as exported from './webhooks.ts'
import { signWebhook, verifyWebhook, WebhookError } from './webhooks.ts'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const OTHER = `whsec_${Buffer.from('another secret of 32 bytes in all').toString('base64')}`
const BODY = '{"type":"order.created","data":{"total":1999,"note":"für Müller 😀"}}'

const faultOf = async (verifying: Promise<unknown>): Promise<string> => {
  const error: unknown = await verifying.then(
    () => new Error('believed'),
    (failure: unknown) => failure,
  )
  return error instanceof WebhookError ? error.fault : String(error)
}

test('what the entry exports is what is written here', () => {
  expect(Object.keys(exported).toSorted()).toEqual(['WebhookError', 'signWebhook', 'verifyWebhook'])
})

test('the known example of the specification is verified', async () => {
  const headers = {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  }
  const payload = '{"test": 2432232314}'
  const now = new Date(1_614_265_330_000)
  expect(await verifyWebhook(payload, headers, SECRET, { now })).toEqual({
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    sentAt: now,
    payload: { test: 2_432_232_314 },
    event: null,
  })
})

test('a signature is that of id, moment and body, by any other tool', async () => {
  const sentAt = new Date('2026-11-21T09:30:00.900Z')
  const headers = await signWebhook(BODY, SECRET, { id: 'msg_1', sentAt })
  const key = Buffer.from(SECRET.slice(6), 'base64')
  const expected = createHmac('sha256', key).update(`msg_1.1795253400.${BODY}`).digest('base64')
  expect(headers).toEqual({
    'webhook-id': 'msg_1',
    'webhook-timestamp': '1795253400',
    'webhook-signature': `v1,${expected}`,
  })
})

test('a webhook is believed as text and as bytes, with headers of any kind', async () => {
  const signed = await signWebhook(BODY, SECRET)
  const upper = Object.fromEntries(
    Object.entries(signed).map(([name, value]) => [name.toUpperCase(), [value]]),
  )
  for (const headers of [signed, new Headers(signed), upper])
    for (const body of [BODY, new TextEncoder().encode(BODY)]) {
      const { id, payload } = await verifyWebhook(body, headers, SECRET)
      expect([id, payload]).toEqual([signed['webhook-id'], JSON.parse(BODY)])
    }
})

test('what has the form of an event is one, and its type tells its data', async () => {
  const sent = {
    type: 'accounts.registered',
    timestamp: '2026-11-21T09:30:00.000Z',
    data: { userId: 'usr_1' },
  }
  const verify = async (payload: unknown) => {
    const body = JSON.stringify(payload)
    return (await verifyWebhook(body, await signWebhook(body, SECRET), SECRET)).event
  }
  const event = await verify(sent)
  expect(event).toEqual(sent)
  expect(event?.type === 'accounts.registered' && event.data.userId).toBe('usr_1')
  for (const none of [
    null,
    [],
    'text',
    {},
    { ...sent, type: 1 },
    { ...sent, timestamp: 0 },
    { ...sent, data: [] },
  ])
    expect(await verify(none)).toBeNull()
})

test('while one secret replaces another both are good, on either side', async () => {
  const signedByOld = await signWebhook(BODY, OTHER)
  expect((await verifyWebhook(BODY, signedByOld, [SECRET, OTHER])).payload).toBeTruthy()
  const signedByBoth = await signWebhook(BODY, [OTHER, SECRET])
  expect((await verifyWebhook(BODY, signedByBoth, SECRET)).payload).toBeTruthy()
  const withFuture = {
    ...signedByOld,
    'webhook-signature': `v2,abc v1a,abc ${signedByOld['webhook-signature']}`,
  }
  expect((await verifyWebhook(BODY, withFuture, OTHER)).payload).toBeTruthy()
})

test('a change of any byte of body, id, moment or signature is found', async () => {
  const headers = await signWebhook(BODY, SECRET, { id: 'msg_1' })
  const changed = (text: string, at: number) =>
    text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1)
  await fc.assert(
    fc.asyncProperty(fc.nat(BODY.length - 1), async (at) => {
      expect(await faultOf(verifyWebhook(changed(BODY, at), headers, SECRET))).toBe('signature')
    }),
  )
  const other = { ...headers, 'webhook-id': 'msg_2' }
  expect(await faultOf(verifyWebhook(BODY, other, SECRET))).toBe('signature')
  const later = { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1) }
  expect(await faultOf(verifyWebhook(BODY, later, SECRET))).toBe('signature')
  for (const signature of ['', 'v1,', 'v1,!!!', 'v1,AAAA', changed(headers['webhook-signature'], 10)]) {
    const fault = await faultOf(verifyWebhook(BODY, { ...headers, 'webhook-signature': signature }, SECRET))
    expect(fault).toBe(signature === '' ? 'header-missing' : 'signature')
  }
  expect(await faultOf(verifyWebhook(BODY, headers, OTHER))).toBe('signature')
  expect(await faultOf(verifyWebhook(BODY, headers, []))).toBe('signature')
})

test('a webhook that is too old, or of the future, is a repetition of somebody else', async () => {
  const sentAt = new Date('2026-11-21T09:30:00Z')
  const headers = await signWebhook(BODY, SECRET, { sentAt })
  const after = (seconds: number, tolerance?: number) =>
    faultOf(
      verifyWebhook(BODY, headers, SECRET, {
        now: new Date(sentAt.getTime() + seconds * 1000),
        ...(tolerance !== undefined && { tolerance }),
      }),
    )
  expect(await Promise.all([after(300), after(-300), after(301), after(-301), after(20, 10)])).toEqual([
    'Error: believed',
    'Error: believed',
    'timestamp',
    'timestamp',
    'timestamp',
  ])
  const noMoment = { ...headers, 'webhook-timestamp': 'yesterday' }
  expect(await faultOf(verifyWebhook(BODY, noMoment, SECRET))).toBe('timestamp')
})

test('what is no webhook of ours, no JSON or no secret is told as that', async () => {
  const { 'webhook-id': _id, ...unnamed } = await signWebhook(BODY, SECRET)
  expect(await faultOf(verifyWebhook(BODY, unnamed, SECRET))).toBe('header-missing')
  const text = await signWebhook('hello', SECRET)
  expect(await faultOf(verifyWebhook('hello', text, SECRET))).toBe('payload')
  for (const secret of ['whsec_', 'whsec_ü', ''])
    expect(await faultOf(signWebhook(BODY, secret))).toContain('whsec_ and base64')
})
