import { type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addAccount, codeTo, NEW_PASSWORD, passwordHashOf, routes, tokenTo } from '../../test/otp.ts'

let app: TestApp
beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app[Symbol.asyncDispose]())

const kinds = ['user', 'organizer', 'merchant'] as const

/** One address that has an account of each kind, and the hashes of their passwords. */
const everyKind = async (email: string) => {
  const organizer = await addAccount(app, email, { portal: 'organizer' })
  const merchant = await addAccount(app, email, { portal: 'merchant' })
  const ids = { user: await addAccount(app, email), organizer, merchant }
  const hashes = async () =>
    Object.fromEntries(
      await Promise.all(kinds.map(async (kind) => [kind, await passwordHashOf(app, ids[kind])] as const)),
    )
  return { hashes }
}

test.each(kinds)(
  'a code of the account of %s sets its password alone, and works nowhere else',
  async (kind) => {
    const email = `one-of-${kind}@example.com`
    const { hashes } = await everyKind(email)
    const before = await hashes()
    expect((await app.rest('POST', routes[kind].forgot, { body: { email } })).status).toBe(200)
    const body = { email, code: await codeTo(app, email), newPassword: NEW_PASSWORD }
    for (const other of kinds.filter((each) => each !== kind)) {
      const { status, body: problem } = await app.rest('POST', routes[other].reset, { body })
      expect([status, problem]).toMatchObject([422, { code: 'CODE_INVALID' }])
    }
    expect(await hashes()).toEqual(before)
    expect((await app.rest('POST', routes[kind].reset, { body })).status).toBe(200)
    const after = await hashes()
    for (const each of kinds) expect([each, after[each] !== before[each]]).toEqual([each, each === kind])
  },
)

test('the link of a portal leads to that portal', async () => {
  const email = 'linked@example.com'
  await addAccount(app, email, { portal: 'merchant' })
  await app.rest('POST', routes.merchant.forgot, { body: { email, by: 'link' } })
  const token = await tokenTo(app, email)
  const [mail] = await app.composed.mailbox.list({ to: email })
  expect(mail?.text).toContain(`/merchant/reset-password?token=${token}`)
  const body = { token, newPassword: NEW_PASSWORD }
  expect((await app.rest('POST', routes.user.reset, { body })).status).toBe(404)
  expect((await app.rest('POST', routes.merchant.reset, { body })).status).toBe(200)
})

test('codes of two kinds of account do not set each other aside', async () => {
  const email = 'side-by-side@example.com'
  await everyKind(email)
  await app.rest('POST', routes.user.forgot, { body: { email } })
  const code = await codeTo(app, email)
  expect((await app.rest('POST', routes.organizer.forgot, { body: { email } })).status).toBe(200)
  const body = { email, code, newPassword: NEW_PASSWORD }
  expect((await app.rest('POST', routes.user.reset, { body })).status).toBe(200)
})
