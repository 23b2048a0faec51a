import { eventually, tcpProxy } from '@plinth/db/testing'
import { TEST_AMQP_URL, testExchange } from '@plinth/testing/outside'
import { expect, test } from 'vitest'
import { outsideError, testDependency } from '../../test/outside.ts'
import { brokerLog, testEvent } from '../../test/rabbitmq.ts'
import { createRabbitMq, type RabbitMqSettings } from './rabbitmq.ts'

const { signal } = new AbortController()

const opened = (
  exchange: string,
  settings: Partial<RabbitMqSettings> = {},
  limits: Parameters<typeof testDependency>[1] = {},
) => {
  const sink = createRabbitMq(
    { url: TEST_AMQP_URL, exchange, mandatory: false, connectMs: 5000, ...settings },
    testDependency('broker', limits),
    brokerLog,
  )
  return { ...sink, [Symbol.asyncDispose]: sink.close }
}

const withPort = (port: number): string => TEST_AMQP_URL.replace(/:\d+$/, `:${port}`)
const brokerPort = Number(new URL(TEST_AMQP_URL).port)

test('an event is a persistent message by its name, with its id, its moment and its trace', async () => {
  await using there = await testExchange()
  await using sink = opened(there.exchange)
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const [first, second] = [testEvent(), testEvent({ type: 'things.deleted', traceparent })]
  await sink.publish(testEvent(), signal)
  await there.bind('things.*')
  for (const event of [first, second]) await sink.publish(event, signal)
  await eventually(() => expect(there.messages).toHaveLength(2))
  expect(there.messages[0]).toMatchObject({
    exchange: there.exchange,
    routingKey: 'things.created',
    messageId: first.id,
    contentType: 'application/json',
    durable: true,
    type: 'things.created',
    timestamp: 1_795_253_400,
    body: { id: first.id, type: first.type, timestamp: first.timestamp, data: first.data },
  })
  expect(there.messages.map(({ headers }) => headers)).toEqual([undefined, { traceparent }])
  expect(sink.stats()).toEqual({ up: 1, unroutable: 1 })
})

test('the exchange is a durable topic exchange', async () => {
  await using there = await testExchange()
  await using sink = opened(there.exchange)
  await sink.publish(testEvent(), signal)
  const { connection, exchange } = there
  const declared = { exchange, type: 'topic', durable: true }
  await connection.exchangeDeclare(declared)
  for (const other of [
    { ...declared, durable: false },
    { ...declared, type: 'fanout' },
  ])
    await expect(connection.exchangeDeclare(other)).rejects.toThrow(/PRECONDITION_FAILED|inequivalent/)
})

test('an event that reaches no queue is counted, and is a failure where the settings say so', async () => {
  await using there = await testExchange()
  await using lenient = opened(there.exchange)
  await lenient.publish(testEvent(), signal)
  expect(lenient.stats().unroutable).toBe(1)
  await using strict = opened(there.exchange, { mandatory: true })
  const error = await outsideError(strict.publish(testEvent(), signal))
  expect([error.kind, error.permanent, error.message]).toEqual([
    'refused',
    false,
    'broker refused: no queue takes things.created',
  ])
  await there.bind('#')
  const event = testEvent()
  await strict.publish(event, signal)
  await eventually(() => expect(there.messages.map(({ messageId }) => messageId)).toEqual([event.id]))
})

test('an exchange that is there already and is another one is a failure, not a loss', async () => {
  await using there = await testExchange()
  await there.connection.exchangeDeclare({ exchange: there.exchange, type: 'fanout', durable: true })
  await using sink = opened(there.exchange)
  const error = await outsideError(sink.publish(testEvent(), signal))
  expect(error.kind).toBe('unavailable')
})

test('a broker that is away is unavailable, and is used as soon as it is back', async () => {
  await using there = await testExchange()
  await using proxy = await tcpProxy(brokerPort)
  proxy.away()
  const limits = { timeoutMs: 300, deadlineMs: 1000, retries: 0 }
  await using sink = opened(there.exchange, { url: withPort(proxy.port), connectMs: 300 }, limits)
  const error = await outsideError(sink.publish(testEvent(), signal))
  expect(['unavailable', 'timed-out']).toContain(error.kind)
  expect(sink.stats().up).toBe(0)
  proxy.restore()
  await eventually(() => sink.publish(testEvent(), signal))
  expect(sink.stats().up).toBe(1)
})

test('what is not confirmed is not published: a line that swallows the confirm is an error', async () => {
  await using there = await testExchange()
  await using proxy = await tcpProxy(brokerPort)
  const limits = { timeoutMs: 500, deadlineMs: 1000, retries: 0 }
  await using sink = opened(there.exchange, { url: withPort(proxy.port) }, limits)
  await sink.publish(testEvent(), signal)
  await there.bind('#')
  proxy.swallow = true
  const event = testEvent()
  expect((await outsideError(sink.publish(event, signal))).kind).toBe('timed-out')
  proxy.swallow = false
  proxy.cut()
  await eventually(() => sink.publish(event, signal))
  // It may have arrived before: by its id a consumer sees that it is the same.
  await eventually(() => expect(there.messages.length).toBeGreaterThan(0))
  expect(new Set(there.messages.map(({ messageId }) => messageId))).toEqual(new Set([event.id]))
})

test('connections that are cut in between lose no event: each arrives once at least', async () => {
  await using there = await testExchange()
  await using proxy = await tcpProxy(brokerPort)
  await using sink = opened(
    there.exchange,
    { url: withPort(proxy.port) },
    { minimumCalls: 1000, windowCalls: 1000 },
  )
  await sink.publish(testEvent(), signal)
  await there.bind('#')
  const events = Array.from({ length: 60 }, () => testEvent())
  for (const [index, event] of events.entries()) {
    const publishing = eventually(() => sink.publish(event, signal))
    if (index % 15 === 7) proxy.cut()
    await publishing
  }
  const arrived = () => new Set(there.messages.map(({ messageId }) => messageId))
  await eventually(() => expect(arrived()).toEqual(new Set(events.map(({ id }) => id))))
  expect(proxy.connections).toBeGreaterThan(3)
})

test('a sink that was never used has no connection, and is closed at once', async () => {
  const sink = opened('test.unused', { url: 'amqp://127.0.0.1:1' })
  expect(sink.stats()).toEqual({ up: 0, unroutable: 0 })
  await sink.close()
})
