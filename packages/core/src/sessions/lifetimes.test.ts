import type { TestActor, TestApp } from '@plinth/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appWithLoginsIn, loginStores } from '../../test/login-stores.ts'

const DAY = 24 * 3_600_000

/** What the model knows of a token: of which login it is, and whether it may still be used. */
interface Token {
  readonly login: number
  readonly access: string
  readonly refresh: string
  /** Whether it is the newest pair of its login. */
  newest: boolean
}

const commands = [
  'login',
  'refresh',
  'reuse',
  'logout',
  'logoutAll',
  'password',
  'reset',
  'role',
  'ban',
  'device',
] as const
type Command = (typeof commands)[number]

const step = fc.record({ command: fc.constantFrom(...commands), at: fc.nat(7) })

/** One account, what was done to it, and what must follow. */
class Account {
  readonly app: TestApp
  readonly admin: TestActor
  readonly id: string
  readonly email: string
  password: string
  role = 'user'
  readonly tokens: Token[] = []
  readonly dead = new Set<number>()
  readonly ids = new Map<number, string>()
  #passwords = 0

  constructor(app: TestApp, admin: TestActor, { account, email, password }: TestActor) {
    this.app = app
    this.admin = admin
    this.id = account.id
    this.email = email
    this.password = password
  }

  nextPassword(): string {
    this.#passwords += 1
    return `quite another phrase ${this.#passwords}`
  }
  bury(which: (login: number) => boolean): void {
    for (const { login } of this.tokens) if (which(login)) this.dead.add(login)
  }
  pick(at: number): Token | undefined {
    const alive = this.tokens.filter(({ login, newest }) => newest && !this.dead.has(login))
    return alive[at % Math.max(1, alive.length)]
  }
  client(token: Token) {
    return this.app.clientWith({ authorization: `Bearer ${token.access}` }).core
  }
}

const issue = (
  account: Account,
  login: number,
  tokens: { accessToken: string; refreshToken: string } | null,
) => {
  if (!tokens) throw new Error('A login by bearer answers its tokens')
  for (const token of account.tokens) if (token.login === login) token.newest = false
  account.tokens.push({ login, access: tokens.accessToken, refresh: tokens.refreshToken, newest: true })
}

const resetPassword = async (account: Account): Promise<void> => {
  const { app, email } = account
  await app.client.core.passwords.forgot.mutate({ email, by: 'link' })
  await app.settle()
  const mail = (await app.mails()).find(({ to, text }) => to === email && text.includes('token='))
  const token = /token=([\w-]+)/.exec(mail?.text ?? '')?.[1] ?? ''
  account.password = account.nextPassword()
  await app.client.core.passwords.reset.mutate({ token, newPassword: account.password })
  account.bury(() => true)
}

const act: Readonly<Record<Command, (account: Account, at: number) => Promise<void>>> = {
  async login(account) {
    const { email, password } = account
    const made = await account.app.client.core.sessions.login.mutate({ email, password })
    const login = account.ids.size
    account.ids.set(login, made.loginId)
    issue(account, login, made.tokens)
  },
  async refresh(account, at) {
    const token = account.pick(at)
    if (!token) return
    const { tokens } = await account.app.client.core.sessions.refresh.mutate({ refreshToken: token.refresh })
    issue(account, token.login, tokens)
  },
  async reuse(account, at) {
    const old = account.tokens.filter(({ newest }) => !newest)
    const token = old[at % Math.max(1, old.length)]
    if (!token) return
    await expect(
      account.app.client.core.sessions.refresh.mutate({ refreshToken: token.refresh }),
    ).rejects.toThrow()
    account.dead.add(token.login)
  },
  async logout(account, at) {
    const token = account.pick(at)
    if (!token) return
    await account.client(token).sessions.logout.mutate()
    account.dead.add(token.login)
  },
  async logoutAll(account, at) {
    const token = account.pick(at)
    if (!token) return
    await account.client(token).sessions.deleteAll.mutate({})
    account.bury((login) => login !== token.login)
  },
  async password(account, at) {
    const token = account.pick(at)
    if (!token) return
    const newPassword = account.nextPassword()
    await account
      .client(token)
      .accounts.changePassword.mutate({ currentPassword: account.password, newPassword })
    account.password = newPassword
    account.bury((login) => login !== token.login)
  },
  reset: (account) => resetPassword(account),
  async role(account) {
    account.role = account.role === 'user' ? 'support' : 'user'
    await account.admin.client.core.users.setRole.mutate({ id: account.id, role: account.role })
  },
  async ban(account) {
    const { users } = account.admin.client.core
    await users.ban.mutate({ id: account.id, reason: 'For a test' })
    account.bury(() => true)
    await users.unban.mutate({ id: account.id })
  },
  async device(account, at) {
    const token = account.pick(at)
    if (!token) return
    const { items } = await account.client(token).devices.list.query({})
    for (const { id } of items)
      await account
        .client(token)
        .devices.delete.mutate({ id })
        .catch(() => undefined)
    account.bury(() => true)
  },
}

/** Holds every token that was ever given to what the model says of it. */
const judge = async (account: Account): Promise<void> => {
  for (const token of account.tokens) {
    const alive = token.newest && !account.dead.has(token.login)
    const options = { token: token.access }
    const { status } = await account.app.rest('GET', '/api/user/profile', options)
    expect([token.login, token.newest, status]).toEqual([token.login, token.newest, alive ? 200 : 401])
    if (!alive) continue
    const audit = await account.app.rest('GET', '/api/v1/audit-entries?limit=1', options)
    expect(audit.status).toBe(account.role === 'support' ? 200 : 403)
  }
}

describe.each(loginStores)('with logins in %s', (store) => {
  let app: TestApp
  let admin: TestActor
  beforeAll(async () => {
    app = await appWithLoginsIn(store, {
      env: {
        PLINTH_SESSIONS_ACCESS_TOKEN_MS: String(DAY),
        PLINTH_OTP_COOL_DOWN_MS: '1',
        PLINTH_OTP_PER_HOUR: '100',
        PLINTH_OTP_PER_DAY: '100',
      },
    })
    admin = await app.as('admin')
  })
  afterAll(() => app[Symbol.asyncDispose]())

  test('no order of signing in, refreshing, signing out, resetting and changing roles leaves a token alive that should be dead, or kills one that should live', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
        const account = new Account(app, admin, await app.as('user'))
        await act.login(account, 0)
        for (const { command, at } of steps) {
          app.clock.advance(10)
          await act[command](account, at)
          await judge(account)
        }
      }),
      { numRuns: 12, endOnFailure: true },
    )
  }, 120_000)

  test('of fifty refreshes of one token at the same time one is answered, and the login ends with all its tokens', async () => {
    const { refreshToken } = await app.as('user')
    const settled = await Promise.allSettled(
      Array.from({ length: 50 }, () => app.client.core.sessions.refresh.mutate({ refreshToken })),
    )
    const answered = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    expect(answered.length).toBeLessThanOrEqual(1)
    for (const { tokens } of answered) {
      const token = tokens?.accessToken ?? ''
      expect((await app.rest('GET', '/api/user/profile', { token })).status).toBe(401)
    }
    await expect(app.client.core.sessions.refresh.mutate({ refreshToken })).rejects.toMatchObject({
      data: { code: 'TOKEN_REUSED' },
    })
  })
})
