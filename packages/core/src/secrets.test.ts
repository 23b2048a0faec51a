import { schemaOf } from '@plinth/db'
import { testApp } from '@plinth/testing'
import { sql } from 'kysely'
import { expect, test } from 'vitest'

test('no password and no token stands in any table, but for the token in the mail itself', async () => {
  await using app = await testApp()
  const email = 'ada@example.com'
  const password = 'correct horse battery'
  const secrets: string[] = [password]
  const keep = (tokens: { accessToken: string; refreshToken: string } | null) => {
    if (tokens) secrets.push(tokens.accessToken, tokens.refreshToken)
    return tokens
  }
  const headers = { 'idempotency-key': 'secrets-1' }
  await app.rest('POST', '/api/v1/auth/register', { body: { email, password, name: 'Ada Byron' }, headers })
  await app.settle()
  const verification = /plv_[\w-]+/.exec((await app.mails())[0]?.text ?? '')?.[0] ?? ''
  await app.client.core.accounts.verify.mutate({ token: verification })
  const first = keep((await app.client.core.sessions.login.mutate({ email, password })).tokens)
  const next = keep(
    (await app.client.core.sessions.refresh.mutate({ refreshToken: first?.refreshToken })).tokens,
  )
  const newPassword = 'an even longer phrase 8'
  secrets.push(newPassword, verification)
  await app.rest('POST', '/api/user/password', {
    token: next?.accessToken ?? '',
    body: { currentPassword: password, newPassword },
    headers: { 'idempotency-key': 'secrets-2' },
  })
  const tables = (await schemaOf(app.db)).map(({ name }) => name)
  expect(tables).toEqual(
    expect.arrayContaining(['users', 'sessions', 'refresh_tokens', 'audit_log', 'outbox']),
  )
  await app.db.transaction(async (trx) => {
    for (const table of tables) {
      const { rows } = await sql`select * from ${sql.table(table)}`.execute(trx)
      const text = JSON.stringify(rows)
      const found = secrets.filter((secret) => text.includes(secret))
      expect({ table, found }).toEqual({ table, found: table === 'mailbox' ? [verification] : [] })
    }
  })
})
