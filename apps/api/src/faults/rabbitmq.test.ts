import { tcpProxy, testDatabaseUrl } from '@plinth/db/testing'
import { startServerProcess } from '@plinth/testing'
import { TEST_AMQP_URL, testExchange } from '@plinth/testing/outside'
import { expect, test } from 'vitest'
import { MANY_ACCOUNTS, readyOf, register, steadyLoad, until } from '../../test/load.ts'
import { allMigrations } from '../systems.ts'

test('RabbitMQ away, then silent, under load: registrations go on, and every event arrives, even of a server that was killed', async () => {
  const database = await testDatabaseUrl(allMigrations())
  try {
    await using there = await testExchange()
    await there.connection.exchangeDeclare({ exchange: there.exchange, type: 'topic', durable: true })
    await there.bind('accounts.registered')
    await using proxy = await tcpProxy(Number(new URL(TEST_AMQP_URL).port))
    const env = {
      ...MANY_ACCOUNTS,
      DATABASE_URL: database.url,
      PLINTH_BROKER_URL: TEST_AMQP_URL.replace(/:\d+$/, `:${proxy.port}`),
      PLINTH_BROKER_EXCHANGE: there.exchange,
      PLINTH_BROKER_CONNECT_MS: '200',
      PLINTH_OUTSIDE_DEPENDENCIES: '{"broker":{"timeoutMs":500,"minimumCalls":3,"openMs":300}}',
      // pg-boss looks but once a minute for the jobs of a process that is gone.
      PLINTH_JOBS_STORE: 'table',
      PLINTH_JOBS_POLL_MS: '50',
      PLINTH_JOBS_LEASE_MS: '3000',
    }
    await using first = await startServerProcess(env)
    const registered = new Set<string>()
    const registerAt = (url: string, run: string) => async (index: number) => {
      const email = `${run}-${index}@example.com`
      const status = await register(url, email)
      if (status === 201) registered.add(email)
      return status
    }
    const more = async (count: number) => {
      const before = registered.size
      await until('registrations', () => registered.size > before + count)
    }
    const isDown = (url: string) =>
      until('it says so', async () => (await readyOf(url, 'broker')) === '200 degraded, broker down')
    const arrived = () => new Set(there.messages.map(({ messageId }) => messageId))

    await using load = steadyLoad(registerAt(first.url, 'first'), 2)
    await until('the first events', () => there.messages.length > 5)
    proxy.away()
    await more(10)
    await isDown(first.url)
    await load.stop()
    expect(load.statuses()).toEqual(new Set([201]))
    await first.end('SIGKILL')

    await using second = await startServerProcess(env)
    await using again = steadyLoad(registerAt(second.url, 'second'), 2)
    await isDown(second.url)
    proxy.restore()
    await until('events of the second', () => arrived().size > registered.size / 2)
    proxy.swallow = true
    await more(10)
    await isDown(second.url)
    proxy.swallow = false
    proxy.cut()
    await more(10)
    await again.stop()
    await until('every event', () => arrived().size >= registered.size)
    expect(again.statuses()).toEqual(new Set([201]))
    expect(arrived().size).toBe(registered.size)
    await until('it is well again', async () => (await readyOf(second.url, 'broker')) === '200 up, broker up')
    expect(await second.end('SIGTERM')).toBe(0)
  } finally {
    await database.dispose()
  }
}, 60_000)
