import { type TestActor, type TestApp, testApp } from '@plinth/testing'
import { testAuthenticator } from '@plinth/testing/outside'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FACTOR_ENV, PAGE, tally } from '../../test/factors.ts'
import { hasWayIn, waysIn } from '../access/ways-in.ts'
import type { CoreDb } from '../db.ts'

let app: TestApp
beforeAll(async () => {
  app = await testApp({ env: FACTOR_ENV })
})
afterAll(() => app[Symbol.asyncDispose]())

const add = async ({ client }: TestActor) => {
  const { passkeys } = client.core
  const authenticator = testAuthenticator({ origin: PAGE })
  const credential = authenticator.create(await passkeys.registrationOptions.mutate())
  return { authenticator, id: (await passkeys.register.mutate({ credential })).id }
}

const setUser = (user: TestActor, fields: { password_hash: string | null }) =>
  app.db
    .as<CoreDb>()
    .transaction((trx) => trx.updateTable('users').set(fields).where('id', '=', user.account.id).execute())

const codeOf = async (call: Promise<unknown>): Promise<string | null> =>
  call.then(
    () => null,
    (error: { data: { code: string } }) => error.data.code,
  )

test('of two passkeys that are all the ways in, removed at the same time, one stays', async () => {
  for (let round = 0; round < 5; round += 1) {
    const user = await app.as('user')
    const made = [await add(user), await add(user)]
    await setUser(user, { password_hash: null })
    const { passkeys } = user.client.core
    const codes = await Promise.all(made.map(({ id }) => codeOf(passkeys.delete.mutate({ id }))))
    expect(tally(codes)).toEqual({ done: 1, LAST_WAY_IN: 1 })
    expect((await passkeys.list.query({})).items).toHaveLength(1)
    expect(await waysIn(app.db.as<CoreDb>().read, user.account.id)).toEqual({
      password: false,
      passkeys: 1,
      identities: 0,
    })
  }
})

test('a passkey that was suspended is no way in, and may go', async () => {
  const user = await app.as('user')
  const [works, suspended] = [await add(user), await add(user)]
  await setUser(user, { password_hash: null })
  const at = app.clock.now().toISOString()
  const { read } = app.db.as<CoreDb>()
  await app.db
    .as<CoreDb>()
    .transaction((trx) =>
      trx.updateTable('passkeys').set({ suspended_at: at }).where('id', '=', suspended.id).execute(),
    )
  const { passkeys } = user.client.core
  expect(await codeOf(passkeys.delete.mutate({ id: works.id }))).toBe('LAST_WAY_IN')
  expect(await codeOf(passkeys.delete.mutate({ id: suspended.id }))).toBeNull()
  expect(await hasWayIn(read, user.account.id)).toBe(true)
})

test('of twenty sign-ins at the same time with one signature, one is made, and the passkey is not taken for a copy', async () => {
  const user = await app.as('user')
  const { authenticator } = await add(user)
  const credential = authenticator.get(await app.client.core.passkeys.signInOptions.mutate())
  const codes = await Promise.all(
    Array.from({ length: 20 }, () => codeOf(app.client.core.passkeys.signIn.mutate({ credential }))),
  )
  expect(tally(codes)).toEqual({ done: 1, PASSKEY_REFUSED: 19 })
  expect((await user.client.core.passkeys.list.query({})).items[0]?.suspendedAt).toBeNull()
})

test('of ten additions at the same time for one challenge, one is made', async () => {
  const user = await app.as('user')
  const { passkeys } = user.client.core
  const options = await passkeys.registrationOptions.mutate()
  const credentials = Array.from({ length: 10 }, () => testAuthenticator({ origin: PAGE }).create(options))
  const codes = await Promise.all(
    credentials.map((credential) => codeOf(passkeys.register.mutate({ credential }))),
  )
  expect(tally(codes)).toEqual({ done: 1, PASSKEY_INVALID: 9 })
})

test('of two signatures with one number, sent at the same time, one signs in and the passkey is suspended', async () => {
  const user = await app.as('user')
  const { authenticator } = await add(user)
  const { signIn, signInOptions } = app.client.core.passkeys
  const [first, second] = [await signInOptions.mutate(), await signInOptions.mutate()]
  const signed = [first, second].map((options) => authenticator.get(options, { counter: 5 }))
  const codes = await Promise.all(signed.map((credential) => codeOf(signIn.mutate({ credential }))))
  expect(tally(codes)).toEqual({ done: 1, PASSKEY_REFUSED: 1 })
  expect(await codeOf(user.client.core.passkeys.list.query({}))).toBe('TOKEN_REVOKED')
})
