import { type TestApp, testApp } from '@plinth/testing'
import { sql } from 'kysely'
import { expect, test } from 'vitest'

const HOUR = 3_600_000

const register = async (app: TestApp, email: string) => {
  const password = 'correct horse battery'
  await app.client.core.accounts.register.mutate({ email, password, name: 'Ada Byron' })
  await app.settle()
  const { tokens } = await app.client.core.sessions.login.mutate({ email, password })
  return app.clientWith({ authorization: `Bearer ${tokens?.accessToken}` })
}

const mailedTokens = async (app: TestApp, email: string): Promise<string[]> => {
  const mails = (await app.mails()).filter(({ to }) => to === email)
  return mails.map(({ text }) => /token=(plv_[\w-]+)/.exec(text)?.[1] ?? '')
}

const code = (expected: string) => ({ data: { code: expected } })

test('the mailed token proves the address once', async () => {
  await using app = await testApp()
  const client = await register(app, 'ada@example.com')
  const [token = ''] = await mailedTokens(app, 'ada@example.com')
  const [mail] = await app.mails()
  expect(mail?.text).toContain(`/verify-email?token=${token}`)
  expect(mail?.text).toContain('24 hours')
  app.clock.advance(1000)
  const account = await app.client.core.accounts.verify.mutate({ token })
  expect(account.emailVerifiedAt).toBe(app.clock.now().toISOString())
  expect(await client.core.accounts.get.query()).toEqual(account)
  await expect(app.client.core.accounts.verify.mutate({ token })).rejects.toMatchObject(
    code('ALREADY_VERIFIED'),
  )
  await expect(client.core.accounts.resendVerification.mutate()).rejects.toMatchObject(
    code('ALREADY_VERIFIED'),
  )
})

test('of twenty calls with one token at the same time, one proves the address', async () => {
  await using app = await testApp()
  await register(app, 'ada@example.com')
  const [token = ''] = await mailedTokens(app, 'ada@example.com')
  const settled = await Promise.allSettled(
    Array.from({ length: 20 }, () => app.client.core.accounts.verify.mutate({ token })),
  )
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const each of settled)
    if (each.status === 'rejected') expect(each.reason).toMatchObject(code('ALREADY_VERIFIED'))
})

test('a token expires after a day, and a new mail helps', async () => {
  await using app = await testApp()
  const client = await register(app, 'ada@example.com')
  const [token = ''] = await mailedTokens(app, 'ada@example.com')
  await client.core.accounts.resendVerification.mutate()
  await app.settle()
  const [newer = ''] = await mailedTokens(app, 'ada@example.com')
  app.clock.advance(24 * HOUR)
  await expect(app.client.core.accounts.verify.mutate({ token: newer })).rejects.toMatchObject({
    data: { code: 'VERIFICATION_EXPIRED', httpStatus: 410 },
  })
  expect(newer).not.toBe(token)
})

test('a new mail sets the token of the one before aside', async () => {
  await using app = await testApp()
  const client = await register(app, 'ada@example.com')
  const answer = await client.core.accounts.resendVerification.mutate()
  expect(answer).toEqual({ email: 'ada@example.com', requestedAt: app.clock.now().toISOString() })
  app.clock.advance(1000)
  await app.settle()
  const [newer = '', older = ''] = await mailedTokens(app, 'ada@example.com')
  await expect(app.client.core.accounts.verify.mutate({ token: older })).rejects.toMatchObject({
    data: { code: 'VERIFICATION_UNKNOWN', httpStatus: 404 },
  })
  await app.client.core.accounts.verify.mutate({ token: newer })
})

test('what is no token for this is not known', async () => {
  await using app = await testApp()
  const { accessToken } = await app.as('user')
  for (const token of [accessToken, 'x'.repeat(53)])
    await expect(app.client.core.accounts.verify.mutate({ token })).rejects.toMatchObject(
      code('VERIFICATION_UNKNOWN'),
    )
})

test('a mail that is due when the address is proved already is not sent', async () => {
  await using app = await testApp()
  const client = await register(app, 'ada@example.com')
  const [token = ''] = await mailedTokens(app, 'ada@example.com')
  await client.core.accounts.resendVerification.mutate()
  await app.client.core.accounts.verify.mutate({ token })
  await app.settle()
  expect(await mailedTokens(app, 'ada@example.com')).toEqual([token])
})

test('no mail is sent inside the request, and one that could not be sent is tried again until it is', async () => {
  await using app = await testApp()
  const rename = (from: string, to: string) =>
    app.db.transaction((trx) => sql`alter table ${sql.table(from)} rename to ${sql.table(to)}`.execute(trx))
  await rename('mailbox', 'mailbox_away')
  await app.client.core.accounts.register.mutate({
    email: 'ada@example.com',
    password: 'correct horse battery',
    name: 'Ada Byron',
  })
  await app.settle()
  await app.settle()
  const admin = await app.as('admin')
  const waiting = await admin.client.core.jobs.list.query({ name: 'send-verification-mail' })
  expect(waiting.items).toMatchObject([{ state: 'ready', attempts: 1 }])
  expect(waiting.items[0]?.error).toMatch(/mailbox/)
  await rename('mailbox_away', 'mailbox')
  await app.settle()
  expect(await app.mails()).toEqual([])
  app.clock.advance(60_000)
  await app.settle()
  expect(await mailedTokens(app, 'ada@example.com')).toHaveLength(1)
})
