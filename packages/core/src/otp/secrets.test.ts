import { schemaOf } from '@plinth/db'
import { testApp } from '@plinth/testing'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { addAccount, codeTo, NEW_PASSWORD, otherThan, tokenTo } from '../../test/otp.ts'
import type { CoreDb } from '../db.ts'
import { newCode } from './secret.ts'

// Within an id or a hash any six digits stand by chance.
const stands = (text: string, secret: string): boolean =>
  new RegExp(`(?<![0-9a-z])${secret}(?![0-9a-z])`, 'i').test(text.replaceAll('\\n', ' '))

test('no code and no token stands in any table, answer or log line, but for the message itself', async () => {
  await using app = await testApp({ env: { PLINTH_LOG_LEVEL: 'trace', PLINTH_LOG_QUERIES: 'true' } })
  const [email, linked, phone] = ['ada@example.com', 'bob@example.com', '+4930123456']
  await addAccount(app, email)
  await addAccount(app, linked)
  await addAccount(app, 'eve@example.com', { phone, phone_verified_at: app.clock.now().toISOString() })
  const answers: string[] = []
  let keys = 0
  const post = async (path: string, body: object) => {
    keys += 1
    const headers = { 'idempotency-key': `secrets-${keys}` }
    const answer = await app.rest('POST', `/api/v1/users/${path}`, { body, headers })
    answers.push(answer.text, JSON.stringify([...answer.headers]))
  }
  await post('forgot-password', { email })
  await post('forgot-password', { email: linked, by: 'link' })
  await post('forgot-password', { phone })
  const code = await codeTo(app, email)
  const secrets = [code, await tokenTo(app, linked), await codeTo(app, phone)]
  expect(secrets.map(({ length }) => length)).toEqual([6, 53, 6])
  await post('reset-password', { email, code: otherThan(code), newPassword: NEW_PASSWORD })
  await post('reset-password', { email, code, newPassword: NEW_PASSWORD })
  await post('reset-password', { token: secrets[1], newPassword: NEW_PASSWORD })
  await post('reset-password', { phone, code: secrets[2], newPassword: NEW_PASSWORD })
  await app.settle()
  const used = await app.db.as<CoreDb>().read.selectFrom('one_time_codes').select('end_reason').execute()
  expect(used).toEqual([{ end_reason: 'used' }, { end_reason: 'used' }, { end_reason: 'used' }])

  const keptIn = (place: string, text: string) => ({
    place,
    found: secrets.filter((each) => stands(text, each)),
  })
  await app.db.transaction(async (trx) => {
    for (const { name } of await schemaOf(app.db)) {
      const { rows } = await sql`select * from ${sql.table(name)}`.execute(trx)
      const found = name === 'mailbox' ? secrets : []
      const kept = keptIn(name, JSON.stringify(rows))
      expect({ ...kept, found: kept.found.toSorted() }).toEqual({ place: name, found: found.toSorted() })
    }
  })
  expect(keptIn('answers', answers.join('\n'))).toEqual({ place: 'answers', found: [] })
  expect(keptIn('log', JSON.stringify(app.logged))).toEqual({ place: 'log', found: [] })
  const told = app.logged.filter(({ module }) => module === 'otp').map(({ msg }) => msg)
  expect(new Set(told)).toEqual(
    new Set([
      'one-time code asked for',
      'one-time code sent',
      'password set by one-time code',
      'wrong one-time code',
    ]),
  )
  expect(JSON.stringify(app.logged.filter(({ module }) => module === 'otp'))).not.toMatch(/@|\+49/)
})

test('two accounts with the same code have different hashes of it, and a stolen table does not tell it', async () => {
  await using app = await testApp()
  for (const email of ['one@example.com', 'two@example.com']) {
    await addAccount(app, email)
    await app.client.core.passwords.forgot.mutate({ email })
  }
  await app.settle()
  const rows = await app.db.as<CoreDb>().read.selectFrom('one_time_codes').selectAll().execute()
  const code = await codeTo(app, 'one@example.com')
  const { createHash } = await import('node:crypto')
  const plain = rows.flatMap(({ id }) =>
    [code, id + code, `${id}:${code}`, `${id} ${code}`].map((text) =>
      createHash('sha256').update(text).digest('hex'),
    ),
  )
  expect(rows.filter(({ secret }) => secret !== null && plain.includes(secret))).toEqual([])
})

test('codes are six digits of which each is as likely as any other', () => {
  const codes = Array.from({ length: 20_000 }, newCode)
  expect(codes.every((code) => /^\d{6}$/.test(code))).toBe(true)
  const counts = Array.from({ length: 10 }, (_, digit) =>
    codes.reduce((sum, code) => sum + [...code].filter((each) => each === String(digit)).length, 0),
  )
  // 12,000 of each are expected, with a deviation of some 100.
  for (const count of counts) expect(Math.abs(count - 12_000)).toBeLessThan(700)
  expect(new Set(codes).size).toBeGreaterThan(19_000)
})
