import { measure, type WriteDb } from '@plinth/db'
import { eventually } from '@plinth/db/testing'
import type { TestApp } from '@plinth/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appWithLoginsIn, loginStores } from '../../test/login-stores.ts'
import { createPasswords } from '../accounts/passwords.ts'
import type { CoreDb } from '../db.ts'

const COST = { memoryCost: 64, timeCost: 1, parallelism: 1 }

describe.each(loginStores)('with logins in %s', (store) => {
  let app: TestApp
  beforeAll(async () => {
    app = await appWithLoginsIn(store)
  })
  afterAll(() => app[Symbol.asyncDispose]())

  const setHash = (trx: WriteDb<CoreDb>, id: string, hash: string) =>
    trx.updateTable('users').set({ password_hash: hash }).where('id', '=', id).execute()

  /** Signs in with the password that was right until the user's hash is changed, and waits for that change. */
  const loginWhile = async (
    hashOf: string,
    { email, password, account }: Awaited<ReturnType<TestApp['as']>>,
  ) => {
    const hash = await createPasswords(COST).hash(hashOf)
    let done = false
    const { login } = await app.db.as<CoreDb>().transaction(async (trx) => {
      await setHash(trx, account.id, hash)
      const signingIn = app.rest('POST', '/api/v1/auth/login', { body: { email, password } }).finally(() => {
        done = true
      })
      await eventually(async () => expect(done || (await measure(app.db)).lockWaits > 0).toBe(true))
      return { login: signingIn }
    })
    return (await login).body
  }

  test('a login that is under way with the old password while the password changes is refused', async () => {
    const user = await app.as('user')
    expect(await loginWhile('another long phrase 8', user)).toMatchObject({ code: 'INVALID_CREDENTIALS' })
  })

  test('a login whose password got a new hash meanwhile goes on', async () => {
    const user = await app.as('user')
    expect(await loginWhile(user.password, user)).toMatchObject({ account: { id: user.account.id } })
  })

  test('of many logins at once after the cost of hashes changed each is answered', async () => {
    const { email, password, account } = await app.as('user')
    const old = await createPasswords({ ...COST, memoryCost: 32 }).hash(password)
    await app.db.as<CoreDb>().transaction((trx) => setHash(trx, account.id, old))
    const logins = Array.from({ length: 8 }, () => app.client.core.sessions.login.mutate({ email, password }))
    expect((await Promise.all(logins)).map((login) => login.account.id)).toEqual(logins.map(() => account.id))
  })

  test('no login with the old password is left when many are made while the password changes', async () => {
    const { email, password, client } = await app.as('user')
    const attempts = () =>
      Promise.allSettled(
        Array.from({ length: 6 }, () => app.client.core.sessions.login.mutate({ email, password })),
      )
    const change = { currentPassword: password, newPassword: 'another long phrase 8' }
    const [made] = await Promise.all([attempts(), client.core.accounts.changePassword.mutate(change)])
    for (const each of made)
      if (each.status === 'rejected')
        expect(each.reason).toMatchObject({ data: { code: 'INVALID_CREDENTIALS' } })
    const { items } = await client.core.sessions.list.query({})
    expect(items.map(({ current }) => current)).toEqual([true])
  })
})
