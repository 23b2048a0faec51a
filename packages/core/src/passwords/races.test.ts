import { type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addAccount, codeTo, failure, NEW_PASSWORD, otherThan, tokenTo } from '../../test/otp.ts'
import type { CoreDb } from '../db.ts'

let app: TestApp
beforeAll(async () => {
  // What guesses at one code do is looked at here, not what many of them do to whoever makes them.
  // Fifty calls share five connections: on a busy machine the last of them waits.
  const env = { PLINTH_OTP_WRONG_PER_HOUR: '1000', PLINTH_DATABASE_POOL_ACQUIRE_TIMEOUT_MS: '60000' }
  app = await testApp({ env })
})
afterAll(() => app[Symbol.asyncDispose]())

const passwords = () => app.client.core.passwords
const fifty = <T>(work: (index: number) => Promise<T>) =>
  Promise.allSettled(Array.from({ length: 50 }, (_, index) => work(index)))
const codesOf = (userId: string) =>
  app.db.as<CoreDb>().read.selectFrom('one_time_codes').selectAll().where('user_id', '=', userId).execute()

/** Of all calls one is answered, and every other one is refused with the code. */
const expectOne = (settled: PromiseSettledResult<unknown>[], code: string) => {
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const each of settled) if (each.status === 'rejected') expect(each.reason).toMatchObject(failure(code))
}

test('of fifty guesses at the same time no more than five are looked at', async () => {
  const email = 'guesses@example.com'
  const id = await addAccount(app, email)
  await passwords().forgot.mutate({ email })
  const code = await codeTo(app, email)
  const settled = await fifty(() =>
    passwords().reset.mutate({ email, code: otherThan(code), newPassword: NEW_PASSWORD }),
  )
  for (const each of settled)
    expect(each.status === 'rejected' && each.reason).toMatchObject(failure('CODE_INVALID'))
  expect(await codesOf(id)).toMatchObject([{ attempts: 5, ended_at: null }])
  const right = passwords().reset.mutate({ email, code, newPassword: NEW_PASSWORD })
  await expect(right).rejects.toMatchObject(failure('CODE_INVALID'))
})

test('of fifty right codes at the same time one sets the password', async () => {
  const email = 'rights@example.com'
  const id = await addAccount(app, email)
  await passwords().forgot.mutate({ email })
  const code = await codeTo(app, email)
  const phrase = (index: number) => `a phrase of its own number ${index}`
  const settled = await fifty((index) =>
    passwords().reset.mutate({ email, code, newPassword: phrase(index) }),
  )
  expectOne(settled, 'CODE_INVALID')
  const winner = settled.findIndex(({ status }) => status === 'fulfilled')
  const login = await app.client.core.sessions.login.mutate({ email, password: phrase(winner) })
  expect(login.account.id).toBe(id)
})

test('of fifty uses of one link at the same time one sets the password', async () => {
  const email = 'links@example.com'
  await addAccount(app, email)
  await passwords().forgot.mutate({ email, by: 'link' })
  const token = await tokenTo(app, email)
  expectOne(
    await fifty(() => passwords().reset.mutate({ token, newPassword: NEW_PASSWORD })),
    'RESET_UNKNOWN',
  )
})

test('of fifty requests at the same time one is kept and one message is sent', async () => {
  const email = 'requests@example.com'
  const id = await addAccount(app, email)
  expectOne(await fifty(() => passwords().forgot.mutate({ email })), 'CODE_TOO_SOON')
  expect(await codesOf(id)).toHaveLength(1)
  await app.settle()
  expect(await app.composed.mailbox.list({ to: email })).toHaveLength(1)
})

test('a login with the old password at the same time as a reset does not outlive it', async () => {
  const email = 'both@example.com'
  await addAccount(app, email)
  await passwords().forgot.mutate({ email })
  const code = await codeTo(app, email)
  const login = () =>
    app.client.core.sessions.login.mutate({ email, password: 'a long enough test phrase 7' })
  const attempts = Array.from({ length: 8 }, login)
  await passwords().reset.mutate({ email, code, newPassword: NEW_PASSWORD })
  await Promise.allSettled(attempts)
  const live = await app.db
    .as<CoreDb>()
    .read.selectFrom('logins')
    .innerJoin('users', 'users.id', 'logins.user_id')
    .select('logins.id')
    .where('users.email', '=', email)
    .where('logins.ended_at', 'is', null)
    .execute()
  expect(live).toEqual([])
})
