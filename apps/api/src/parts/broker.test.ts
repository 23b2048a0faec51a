import { eventually, tcpProxy } from '@plinth/db/testing'
import { type TestApp, testApp } from '@plinth/testing'
import { TEST_AMQP_URL, type TestExchange, testExchange } from '@plinth/testing/outside'
import { expect, test } from 'vitest'
import { faults } from '../../test/faults.ts'
import { configCommand } from '../cli/config.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

const appWith = (there: TestExchange, url = TEST_AMQP_URL, more: Readonly<Record<string, string>> = {}) =>
  testApp({ env: { PLINTH_BROKER_URL: url, PLINTH_BROKER_EXCHANGE: there.exchange, ...more } })

const register = (app: TestApp, name: string) =>
  app.client.core.accounts.register.mutate({
    email: `${name}@example.com`,
    password: 'correct horse battery',
    name: 'Ada Byron',
  })

const outbox = (app: TestApp) =>
  app.db.read.selectFrom('outbox').select(['id', 'type', 'created_at']).orderBy('id').execute()

const declare = ({ connection, exchange }: TestExchange) =>
  connection.exchangeDeclare({ exchange, type: 'topic', durable: true })

const brokerState = async (app: TestApp) => {
  const { text } = await app.rest('GET', '/metrics')
  return Number(/plinth_broker_state\{[^}]*"up"[^}]*\} (\d)/.exec(text)?.[1])
}

const ids = ({ messages }: TestExchange) => messages.map(({ messageId }) => messageId)

test('a registration leads to its message, once it is committed, with the id of its event', async () => {
  await using there = await testExchange()
  await declare(there)
  await there.bind('accounts.*')
  await using app = await appWith(there)
  const { id: userId } = await register(app, 'a')
  expect(there.messages).toEqual([])
  await app.settle()
  const [event] = await outbox(app)
  await eventually(() => expect(there.messages).toHaveLength(1))
  expect(there.messages[0]).toMatchObject({
    routingKey: 'accounts.registered',
    messageId: event?.id,
    body: { id: event?.id, type: 'accounts.registered', timestamp: event?.created_at, data: { userId } },
  })
  await expect(register(app, 'a')).rejects.toMatchObject({ data: { code: 'EMAIL_TAKEN' } })
  await app.settle()
  expect(await outbox(app)).toHaveLength(1)
  expect(await brokerState(app)).toBe(1)
  const { text } = await app.rest('GET', '/metrics')
  expect(text).toContain('plinth_outside_calls_total{dependency="broker",outcome="ok"} 1')
})

test('while the broker is away requests are answered as ever; what they told arrives when it is back', async () => {
  await using there = await testExchange()
  await declare(there)
  await there.bind('#')
  await using proxy = await tcpProxy(Number(new URL(TEST_AMQP_URL).port))
  const url = TEST_AMQP_URL.replace(/:\d+$/, `:${proxy.port}`)
  await using app = await appWith(there, url, {
    PLINTH_BROKER_CONNECT_MS: '200',
    PLINTH_OUTSIDE_RETRIES: '0',
    PLINTH_OUTSIDE_MINIMUM_CALLS: '2',
    PLINTH_OUTSIDE_OPEN_MS: '50',
  })
  await register(app, 'before')
  await app.settle()
  await eventually(() => expect(there.messages).toHaveLength(1))
  proxy.away()
  for (const name of ['first', 'second', 'third']) await register(app, name)
  // For longer than a job has attempts: a whole day, by the clock of the jobs.
  for (let hour = 0; hour < 24; hour += 1) {
    await app.settle()
    app.clock.advance(HOUR)
  }
  expect(there.messages).toHaveLength(1)
  const ready = await app.rest('GET', '/ready')
  expect([ready.status, ready.body]).toMatchObject([200, { status: 'degraded' }])
  expect(JSON.stringify(ready.body)).toContain('"broker"')
  proxy.restore()
  // The clock of the jobs stands still until then: by it their days would be over within seconds.
  await eventually(async () => expect(await brokerState(app)).toBe(1))
  const events = (await outbox(app)).map(({ id }) => id)
  await eventually(async () => {
    app.clock.advance(2 * HOUR)
    await app.settle()
    expect(new Set(ids(there))).toEqual(new Set(events))
  })
  const admin = await app.as('admin')
  expect((await admin.client.core.jobs.list.query({ state: 'dead' })).items).toEqual([])
}, 60_000)

test('an event that could not be published for days is a dead job, which can be tried anew', async () => {
  await using there = await testExchange()
  await using app = await appWith(there, 'amqp://127.0.0.1:1', {
    PLINTH_BROKER_CONNECT_MS: '50',
    PLINTH_BROKER_KEEP_TRYING_MS: String(HOUR),
    PLINTH_OUTSIDE_RETRIES: '0',
  })
  await declare(there)
  await register(app, 'lost')
  for (let hour = 0; hour < 24; hour += 1) {
    await app.settle()
    app.clock.advance(HOUR)
  }
  const admin = await app.as('admin')
  const { items } = await admin.client.core.jobs.list.query({ state: 'dead' })
  expect(items.map(({ name }) => name)).toEqual(['publish-event'])
})

test('without an address nothing leaves, and a wrong one is refused at the start', async () => {
  await using app = await testApp()
  await register(app, 'home')
  await app.settle()
  const admin = await app.as('admin')
  expect((await admin.client.core.jobs.list.query({ name: 'publish-event' })).items).toEqual([])
  expect(faults({ PLINTH_BROKER_URL: 'http://127.0.0.1' })).toContain('PLINTH_BROKER_URL')
  for (const exchange of ['', 'amq.topic', 'a b'])
    expect(faults({ PLINTH_BROKER_EXCHANGE: exchange })).toContain('PLINTH_BROKER_EXCHANGE')
})

test('the password in its address is not printed', async () => {
  const lines: string[] = []
  const env = { PLINTH_BROKER_URL: 'amqp://plinth:very-secret@broker:5672/shop' }
  await configCommand.run([], { env, print: (line) => lines.push(line), warn: () => undefined })
  expect(lines.join('\n')).toContain('amqp://plinth:[masked]@broker:5672/shop')
  expect(lines.join('\n')).not.toContain('very-secret')
})
