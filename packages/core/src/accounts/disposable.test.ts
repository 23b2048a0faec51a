import { testApp } from '@plinth/testing'
import { expect, test } from 'vitest'
import { createDisposable } from './disposable.ts'

const register = (email: string) => ({ email, password: 'a long enough test phrase 7', name: 'Ada Byron' })

test('addresses of throw-away mail services are refused to register where the settings say so', async () => {
  await using app = await testApp({ env: { PLINTH_ACCOUNTS_REFUSE_DISPOSABLE: 'true' } })
  const { accounts } = app.client.core
  for (const email of ['ada@mailinator.com', 'ada@inbox.mailinator.com', 'ADA@Mailinator.COM'])
    await expect(accounts.register.mutate(register(email))).rejects.toMatchObject({
      data: { code: 'EMAIL_DISPOSABLE', httpStatus: 422, errors: [{ path: 'email' }] },
    })
  for (const email of ['ada@example.com', 'mailinator.com@example.com', 'ada@mailinator.com.example.org'])
    await expect(accounts.register.mutate(register(email))).resolves.toMatchObject({ email })
})

test('without the setting they register like any other', async () => {
  await using app = await testApp()
  const email = 'ada@mailinator.com'
  await expect(app.client.core.accounts.register.mutate(register(email))).resolves.toMatchObject({ email })
  expect(createDisposable(false)(email)).toBe(false)
})
