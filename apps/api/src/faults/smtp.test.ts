import { testDatabaseUrl } from '@plinth/db/testing'
import { startServerProcess } from '@plinth/testing'
import { type ReceivedMail, testSmtp } from '@plinth/testing/outside'
import { expect, test } from 'vitest'
import { MANY_ACCOUNTS, readyOf, register, steadyLoad, until } from '../../test/load.ts'
import { allMigrations } from '../systems.ts'

const CONNECTIONS = 3

const recipients = (mails: readonly ReceivedMail[]): string[] => mails.flatMap(({ to }) => to)

test('SMTP away under load, then saying no: registrations go on, no mail is lost, and a no is no reason for two', async () => {
  const database = await testDatabaseUrl(allMigrations())
  const server = await testSmtp()
  try {
    await using api = await startServerProcess({
      ...MANY_ACCOUNTS,
      DATABASE_URL: database.url,
      PLINTH_MAIL_TRANSPORT: 'smtp',
      PLINTH_MAIL_URL: `smtp://${server.host}`,
      PLINTH_MAIL_FROM: 'no-reply@plinth.example',
      PLINTH_MAIL_TLS: 'off',
      PLINTH_MAIL_POOL_CONNECTIONS: String(CONNECTIONS),
      PLINTH_OUTSIDE_DEPENDENCIES: '{"mail":{"minimumCalls":3,"openMs":300}}',
      PLINTH_JOBS_POLL_MS: '50',
    })
    const registered = new Set<string>()
    await using load = steadyLoad(async (index) => {
      const email = `mail-${index}@example.com`
      const status = await register(api.url, email)
      if (status === 201) registered.add(email)
      return status
    }, 2)
    const more = async (count: number) => {
      const before = registered.size
      await until('registrations', () => registered.size > before + count)
    }

    await until('the first mails', () => server.received.length > 5)
    await server[Symbol.asyncDispose]()
    await more(10)
    await until('it says so', async () => (await readyOf(api.url, 'mail')) === '200 degraded, mail down')

    await using back = await testSmtp({ port: Number(server.host.split(':')[1]) })
    back.refuseData = 451
    const refusedFrom = back.connections
    await more(10)
    await until('a mail that is refused for now', () => back.connections > refusedFrom)
    expect(back.received).toEqual([])
    back.refuseData = undefined

    await load.stop()
    const arrived = () => new Set(recipients([...server.received, ...back.received]))
    await until('every mail', () => arrived().size === registered.size)
    expect(load.statuses()).toEqual(new Set([201]))
    expect(arrived()).toEqual(registered)
    await until('it is well again', async () => (await readyOf(api.url, 'mail')) === '200 up, mail up')
    // Only what was under way when the connections broke may come twice: nobody could say whether it had arrived.
    expect(new Set(recipients(back.received)).size).toBe(back.received.length)
    const first = new Set(recipients(server.received))
    const both = recipients(back.received).filter((email) => first.has(email))
    expect(both.length).toBeLessThanOrEqual(CONNECTIONS)
    expect(await api.end('SIGTERM')).toBe(0)
  } finally {
    await database.dispose()
  }
}, 60_000)
