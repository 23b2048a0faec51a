import { schemaOf } from '@plinth/db'
import { testApp } from '@plinth/testing'
import { testAuthenticator } from '@plinth/testing/outside'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { FACTOR_ENV, PAGE, signInBy, withTotp } from '../../test/factors.ts'

test('no secret of an app, no code, no recovery code and no challenge stands in any table, in the log or in a mail', async () => {
  await using app = await testApp({ env: FACTOR_ENV })
  const user = await withTotp(app)
  const { secondFactors, passkeys, sessions } = user.client.core
  const secrets = [user.secret, ...user.recoveryCodes]
  const plain = (code: string) => code.replaceAll('-', '')
  app.clock.advance(30_000)
  const wrong = user.code(77)
  await signInBy(app, user, { code: wrong })
  await signInBy(app, user, { recoveryCode: user.recoveryCodes[0] ?? '' })
  await sessions.prove.mutate({ secondFactor: { code: user.code() } })
  secrets.push(wrong, user.code())
  const authenticator = testAuthenticator({ origin: PAGE })
  const options = await passkeys.registrationOptions.mutate()
  const credential = authenticator.create(options)
  const headers = { 'idempotency-key': 'passkey-1' }
  await app.rest('POST', '/api/v1/user/passkeys', { body: { credential }, headers, token: user.accessToken })
  const toSignIn = await app.client.core.passkeys.signInOptions.mutate()
  const toProve = await passkeys.proofOptions.mutate()
  secrets.push(options.challenge, toSignIn.challenge, toProve.challenge)
  await app.client.core.passkeys.signIn.mutate({ credential: authenticator.get(toSignIn) })
  const { recoveryCodes } = await secondFactors.renewRecoveryCodes.mutate()
  secrets.push(...recoveryCodes)
  secrets.push(...[...user.recoveryCodes, ...recoveryCodes].map(plain))
  await app.settle()
  app.composed.log.root.info({ input: { secondFactor: { code: wrong }, code: wrong } }, 'what was sent')

  const found = (text: string) => secrets.filter((secret) => text.includes(secret))
  const tables = (await schemaOf(app.db)).map(({ name }) => name)
  expect(tables).toEqual(
    expect.arrayContaining(['totp_factors', 'recovery_codes', 'passkeys', 'passkey_challenges', 'mailbox']),
  )
  await app.db.transaction(async (trx) => {
    for (const table of tables) {
      const { rows } = await sql`select * from ${sql.table(table)}`.execute(trx)
      // Digits of a code are also in moments and ids: only text of its own counts.
      const text = JSON.stringify(rows).replace(
        /\d{4}-\d\d-\d\dT[\d:.]+Z|[a-z]{3}_[0-9a-z]{26}|[0-9a-f]{64}/g,
        '',
      )
      expect({ table, found: found(text) }).toEqual({ table, found: [] })
    }
  })
  expect(app.logged.some(({ msg }) => msg === 'what was sent')).toBe(true)
  expect(found(JSON.stringify(app.logged.filter(({ msg }) => msg === 'what was sent')))).toEqual([])
  const words = secrets.filter((secret) => secret.length > 6)
  expect(words.filter((secret) => JSON.stringify(app.logged).includes(secret))).toEqual([])
})
