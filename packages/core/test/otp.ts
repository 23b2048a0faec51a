import type { PortalName } from '@plinth/contract'
import type { TestApp } from '@plinth/testing'
import { type CoreDb, createAccount } from '../src/index.ts'

/** The password that accounts of these tests begin with. */
export const OLD_PASSWORD = 'a long enough test phrase 7'
/** One that nobody guesses. */
export const NEW_PASSWORD = 'an even longer phrase 8'

/** Where each kind of account asks for a code and sets its password. */
export const routes = {
  user: { forgot: '/api/v1/users/forgot-password', reset: '/api/v1/users/reset-password' },
  organizer: { forgot: '/api/organizer/forgot-password', reset: '/api/organizer/reset-password' },
  merchant: { forgot: '/api/merchant/forgot-password', reset: '/api/merchant/reset-password' },
} as const

/** What a test changes of an account beyond its name and password. */
interface Traits {
  readonly portal?: PortalName
  readonly phone?: string
  readonly phone_verified_at?: string
  readonly email_verified_at?: string | null
  readonly deleted_at?: string
}

/** Makes an account with the old password, hashed as the server does unless something cheaper will do. */
export const addAccount = (
  app: TestApp,
  email: string,
  traits: Traits = {},
  passwordHash = app.settings.passwordHash,
): Promise<string> =>
  app.db.as<CoreDb>().transaction(async (trx) => {
    const { clock } = app
    const account = { email, password: OLD_PASSWORD, name: 'Ada Byron', role: 'user', verified: true }
    const id = await createAccount(trx, account, { clock, passwordHash })
    if (Object.keys(traits).length > 0)
      await trx.updateTable('users').set(traits).where('id', '=', id).execute()
    return id
  })

/** The newest message to an address or number that holds a code or link; empty where there is none. */
const messageTo = async (app: TestApp, to: string): Promise<string> => {
  await app.settle()
  const found = (await app.composed.mailbox.list({ to })).find(({ text }) => /\b\d{6}\b|token=/.test(text))
  return found?.text ?? ''
}

/** The newest code that was sent to an address or number; empty where none was. */
export const codeTo = async (app: TestApp, to: string): Promise<string> =>
  /\b\d{6}\b/.exec(await messageTo(app, to))?.[0] ?? ''

/** The token of the newest link that was mailed to an address. */
export const tokenTo = async (app: TestApp, to: string): Promise<string> =>
  /reset-password\?token=(pls_[\w-]+)/.exec(await messageTo(app, to))?.[1] ?? ''

/** A code that is not this one. */
export const otherThan = (code: string): string =>
  ((Number(code) + 1) % 1_000_000).toString().padStart(6, '0')

/** What a refused call rejects with. */
export const failure = (code: string) => ({ data: { code } })

/** The stored hash of an account's password. */
export const passwordHashOf = async (app: TestApp, id: string): Promise<string | null> =>
  (
    await app.db
      .as<CoreDb>()
      .read.selectFrom('users')
      .select('password_hash')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
  ).password_hash
