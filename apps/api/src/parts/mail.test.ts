import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestApp, testApp } from '@plinth/testing'
import { certificate, readMessage, type TestSmtp, testSmtp } from '@plinth/testing/outside'
import { expect, test } from 'vitest'
import { faults } from '../../test/faults.ts'

const over = (server: TestSmtp, more: Readonly<Record<string, string>> = {}) => ({
  PLINTH_MAIL_TRANSPORT: 'smtp',
  PLINTH_MAIL_URL: `smtp://${server.host}`,
  PLINTH_MAIL_FROM: 'Plinth <no-reply@plinth.example>',
  PLINTH_MAIL_TLS: 'offered',
  ...more,
})

const HOUR_MS = 3_600_000

const register = (app: TestApp, email: string) =>
  app.client.core.accounts.register.mutate({ email, name: 'Ada', password: 'a long enough test phrase 7' })

/** How attempts at jobs of a kind ended so far. */
const ended = async (app: TestApp, result: string): Promise<number> => {
  const { text } = await app.rest('GET', '/metrics')
  const line = `plinth_jobs_total{name="send-verification-mail",result="${result}"} `
  return Number(
    text
      .split('\n')
      .find((one) => one.startsWith(line))
      ?.slice(line.length) ?? 0,
  )
}

test('a mail leaves by SMTP, after the commit and from a job alone, and works', async () => {
  await using server = await testSmtp()
  // The mailbox is there as long as mails or short messages are kept.
  const noSms = {
    PLINTH_SMS_TRANSPORT: 'http',
    PLINTH_SMS_URL: 'http://127.0.0.1:1',
    PLINTH_SMS_TOKEN: 'none',
  }
  await using app = await testApp({ env: over(server, noSms) })
  await register(app, 'ada@example.com')
  expect(server.connections).toBe(0)
  await app.settle()
  expect(server.received.map(({ to }) => to)).toEqual([['ada@example.com']])
  const text = readMessage(server.received[0]?.raw ?? '').body
  const token = /verify-email\?token=(\S+)/.exec(text)?.[1] ?? ''
  await expect(app.client.core.accounts.verify.mutate({ token })).resolves.toMatchObject({})
  expect(await app.mails()).toEqual([])
  expect((await app.rest('GET', '/mailbox')).status).toBe(404)
  const { body } = await app.rest('GET', '/ready')
  expect(body).toMatchObject({
    status: 'up',
    checks: expect.arrayContaining([expect.objectContaining({ name: 'mail' })]),
  })
})

test('a recipient that is refused for good ends the job at once; one that is refused for now is tried again', async () => {
  await using server = await testSmtp()
  server.refusals.set('gone@example.com', 550).set('full@example.com', 450)
  await using app = await testApp({ env: over(server) })
  await register(app, 'gone@example.com')
  await app.settle()
  expect([await ended(app, 'dead'), await ended(app, 'retried')]).toEqual([1, 0])
  expect(JSON.stringify(app.logged)).toContain('mail refused')
  await register(app, 'full@example.com')
  await app.settle()
  expect([await ended(app, 'dead'), await ended(app, 'retried')]).toEqual([1, 1])
  server.refusals.delete('full@example.com')
  app.clock.advance(3_600_000)
  await app.settle()
  expect(server.received.map(({ to }) => to)).toEqual([['full@example.com']])
  expect((await app.rest('GET', '/metrics')).text).toContain(
    'plinth_outside_calls_total{dependency="mail",outcome="refused"} 2',
  )
})

test('while the mail server is away requests go on, /ready is degraded, and the mail is sent once it is back', async () => {
  const server = await testSmtp()
  await using app = await testApp({
    env: over(server, { PLINTH_OUTSIDE_DEPENDENCIES: '{"mail":{"minimumCalls":1,"openMs":1}}' }),
  })
  await server[Symbol.asyncDispose]()
  await register(app, 'ada@example.com')
  await app.settle()
  const { status, body } = await app.rest('GET', '/ready')
  expect([status, (body as { status: string }).status]).toEqual([200, 'degraded'])
  expect(await ended(app, 'retried')).toBe(1)
  await using back = await testSmtp({ port: Number(server.host.split(':')[1]) })
  app.clock.advance(3_600_000)
  await app.settle()
  expect(back.received.map(({ to }) => to)).toEqual([['ada@example.com']])
  expect((await app.rest('GET', '/ready')).body).toMatchObject({ status: 'up' })
})

test('a mail server that is away for half a day loses no mail: it is tried for about a day', async () => {
  const server = await testSmtp()
  const env = over(server, {
    PLINTH_OUTSIDE_DEPENDENCIES: '{"mail":{"minimumCalls":1000}}',
    PLINTH_SESSIONS_ACCESS_TOKEN_MS: String(48 * HOUR_MS),
  })
  await using app = await testApp({ env })
  const { client } = await app.as('admin')
  await server[Symbol.asyncDispose]()
  await register(app, 'ada@example.com')
  await app.settle()
  const startedAt = app.clock.now().getTime()
  const waiting = async () => {
    const [job] = (await client.core.jobs.list.query({ name: 'send-verification-mail' })).items
    return { state: job?.state, attempts: job?.attempts ?? 0, runAt: new Date(job?.runAt ?? 0).getTime() }
  }
  const pauses: number[] = []
  for (let job = await waiting(); job.runAt < startedAt + 12 * HOUR_MS; job = await waiting()) {
    expect(job.state).toBe('ready')
    pauses.push(job.runAt - app.clock.now().getTime())
    app.clock.advance(pauses.at(-1) ?? 0)
    await app.settle()
  }
  expect(Math.max(...pauses)).toBeLessThanOrEqual(HOUR_MS / 2)
  expect((await waiting()).attempts).toBeGreaterThan(10)
  await using back = await testSmtp({ port: Number(server.host.split(':')[1]) })
  app.clock.advance(HOUR_MS / 2)
  await app.settle()
  expect(back.received.map(({ to }) => to)).toEqual([['ada@example.com']])
})

test('TLS that is required is not gone without, and a certificate of our own is trusted from its file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-mail-'))
  const caFile = join(folder, 'ca.pem')
  writeFileSync(caFile, certificate.cert)
  await using server = await testSmtp({ tls: 'starttls', auth: { user: 'shop', pass: 'secret' } })
  const url = `smtp://shop:secret@${server.host}`
  await using app = await testApp({
    env: over(server, { PLINTH_MAIL_URL: url, PLINTH_MAIL_TLS: 'required', PLINTH_MAIL_CA_FILE: caFile }),
  })
  await register(app, 'ada@example.com')
  await app.settle()
  expect(server.received).toMatchObject([{ secure: true, user: 'shop' }])
  await rm(folder, { recursive: true })
})

test('what mail lacks to be sent is said at the start', () => {
  const half = faults({ PLINTH_MAIL_TRANSPORT: 'smtp', PLINTH_MAIL_FROM: 'no address' })
  expect(half).toContain('mail.from (PLINTH_MAIL_FROM): must be an address')
  const without = faults({ PLINTH_MAIL_TRANSPORT: 'smtp' })
  expect(without).toContain('mail.url (PLINTH_MAIL_URL): is needed when mail.transport is smtp')
  expect(without).toContain('mail.from (PLINTH_MAIL_FROM): is needed when mail.transport is smtp')
  expect(faults({ PLINTH_MAIL_URL: 'smtp://localhost' })).toContain('mail.transport (PLINTH_MAIL_TRANSPORT)')
  expect(faults({ PLINTH_MAIL_URL: 'https://localhost' })).toContain('mail.url (PLINTH_MAIL_URL)')
})
