import type { PortalName } from '@plinth/contract'
import { type CoreDb, createAccount } from '@plinth/core'
import type { TestActor, TestApp } from '../test-app.ts'
import { newestMail } from './mail.ts'

/** The password of accounts that samples register. */
export const PASSWORD = 'correct horse battery'

/** What samples of managing accounts are made from. */
export interface UserWorld {
  /** The id of a device of an account, which it is not signed in from now. */
  device(of: TestActor): Promise<string>
  /** The name of a role that nobody has. */
  role(): Promise<string>
  /** Makes a principal of a portal. */
  principal(portal: PortalName): Promise<void>
  /** The id of an account that was deleted. */
  deletedUser(): Promise<string>
  /** The id of an account that may not be used. */
  userInState(state: 'disabled' | 'banned'): Promise<string>
  /** The token of a mail that confirms a new email address. */
  emailToken(): Promise<string>
  /** The token of a verification mail that was just sent. */
  verificationToken(): Promise<string>
}

/** Makes accounts, roles and devices anew each time they are asked for. */
export const userWorld = (app: TestApp, unique: () => string): UserWorld => ({
  async device({ email, password, account }) {
    const deviceName = unique()
    await app.client.core.sessions.login.mutate({ email, password, deviceName })
    const { id } = await app.db
      .as<CoreDb>()
      .read.selectFrom('devices')
      .select('id')
      .where('user_id', '=', account.id)
      .where('name', '=', deviceName)
      .executeTakeFirstOrThrow()
    return id
  },
  async role() {
    const name = unique().replace(' ', '_')
    const { client } = await app.as('super_admin')
    await client.core.roles.create.mutate({ name, description: '', parent: 'user', permissions: [] })
    return name
  },
  async principal(portal) {
    const account = { email: `${unique().replace(' ', '-')}@example.com`, password: PASSWORD, name: 'Sample' }
    const { clock, settings } = app
    await app.db.transaction((trx) =>
      createAccount(
        trx,
        { ...account, role: 'user', verified: true, portal },
        { clock, passwordHash: settings.passwordHash },
      ),
    )
  },
  async deletedUser() {
    const { client, account } = await app.as('user')
    await client.core.accounts.delete.mutate()
    return account.id
  },
  async userInState(state) {
    const { account } = await app.as('user')
    const at = app.clock.now().toISOString()
    await app.db
      .as<CoreDb>()
      .transaction((trx) =>
        trx.updateTable('users').set({ state, state_at: at }).where('id', '=', account.id).execute(),
      )
    return account.id
  },
  async emailToken() {
    const { client } = await app.as('user')
    const email = `${unique().replace(' ', '-')}@example.com`
    await client.core.accounts.changeEmail.mutate({ email })
    const mail = await newestMail(app, email)
    const [, token] = /token=(plv_[\w-]+)/.exec(mail?.text ?? '') ?? []
    if (token === undefined) throw new Error(`No mail to confirm came for ${email}`)
    return token
  },
  async verificationToken() {
    const email = `${unique().replace(' ', '-')}@example.com`
    await app.client.core.accounts.register.mutate({ email, password: PASSWORD, name: 'Sample' })
    const mail = await newestMail(app, email)
    const [, token] = /token=(plv_[\w-]+)/.exec(mail?.text ?? '') ?? []
    if (token === undefined) throw new Error(`No verification mail came for ${email}`)
    return token
  },
})
