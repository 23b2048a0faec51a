import { type TestActor, type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CoreDb } from '../db.ts'

let app: TestApp
let admin: TestActor
beforeAll(async () => {
  app = await testApp()
  admin = await app.as('admin')
})
afterAll(() => app[Symbol.asyncDispose]())

const refusal = (code: string) => ({ data: { code } })
const profile = async ({ accessToken: token }: TestActor) => {
  const { status, body } = await app.rest('GET', '/api/user/profile', { token })
  return [status, (body as { code?: string }).code]
}
const signIn = ({ email, password }: TestActor) => app.client.core.sessions.login.mutate({ email, password })
const entriesOf = (action: string, target: string) =>
  app.db.read
    .selectFrom('audit_log')
    .selectAll()
    .where('action', '=', action)
    .where('target', '=', target)
    .execute()

describe('the list of accounts', () => {
  test('is found by role, state and the beginnings of words, without any secret', async () => {
    const someone = await app.as('support')
    const { users } = admin.client.core
    const { items } = await users.list.query({ role: 'support', q: someone.email.slice(0, 7) })
    expect(items.map(({ id }) => id)).toContain(someone.account.id)
    expect(items.every(({ role }) => role === 'support')).toBe(true)
    expect(JSON.stringify(items)).not.toContain('argon2')
    expect((await users.list.query({ q: 'nobody-is-called-so' })).items).toEqual([])
    await users.disable.mutate({ id: someone.account.id })
    const disabled = await users.list.query({ state: 'disabled' })
    expect(disabled.items.map(({ id }) => id)).toEqual([someone.account.id])
  })

  test('is answered at both of its addresses, and follows a change of name', async () => {
    const { accessToken: token } = admin
    const { client, account } = await app.as('user')
    await client.core.accounts.update.mutate({ name: 'Ångström Quirrel' })
    for (const path of ['/api/v1/admin/users', '/api/admin/users/'])
      expect((await app.rest('GET', `${path}?q=angstrom`, { token })).body).toMatchObject({
        items: [{ id: account.id }],
      })
  })

  test('shows what was deleted apart', async () => {
    const { client, account } = await app.as('user')
    await client.core.users.delete.mutate({ id: account.id })
    const { users } = admin.client.core
    expect((await users.listDeleted.query({})).items.map(({ id }) => id)).toContain(account.id)
    expect((await users.list.query({ q: account.email })).items).toEqual([])
  })
})

test('a record is read and changed by its owner and by who may, and nobody raises themselves by it', async () => {
  const { client, account, accessToken: token } = await app.as('user')
  expect(await client.core.users.get.query({ id: account.id })).toMatchObject({ id: account.id, grants: [] })
  const changed = await client.core.users.update.mutate({ id: account.id, name: 'New name' })
  expect(changed.name).toBe('New name')
  expect(await admin.client.core.users.get.query({ id: account.id })).toEqual(changed)
  for (const extra of [{ role: 'admin' }, { grants: ['jobs:read'] }, { state: 'active' }])
    expect((await app.rest('PUT', `/api/v1/users/${account.id}`, { token, body: extra })).status).toBe(422)
  const stranger = await app.as('user')
  await expect(stranger.client.core.users.get.query({ id: account.id })).rejects.toMatchObject(
    refusal('NOT_FOUND'),
  )
  await expect(
    stranger.client.core.users.update.mutate({ id: account.id, name: 'Eve' }),
  ).rejects.toMatchObject(refusal('NOT_FOUND'))
})

test('a role counts with the next request, up and down, and stands in the audit log', async () => {
  const user = await app.as('user')
  const reading = () => user.client.core.auditEntries.list.query({})
  await expect(reading()).rejects.toMatchObject(refusal('FORBIDDEN'))
  await admin.client.core.users.setRole.mutate({ id: user.account.id, role: 'support' })
  await reading()
  await admin.client.core.users.setRole.mutate({ id: user.account.id, role: 'user' })
  await expect(reading()).rejects.toMatchObject(refusal('FORBIDDEN'))
  expect(await entriesOf('core.users.setRole', user.account.id)).toHaveLength(2)
})

test('a grant counts with the next request, and beside the role', async () => {
  const user = await app.as('support')
  const { id } = user.account
  await admin.client.core.users.setGrants.mutate({ id, permissions: ['jobs:read'] })
  await user.client.core.jobs.list.query({})
  await user.client.core.auditEntries.list.query({})
  await admin.client.core.users.setGrants.mutate({ id, permissions: [] })
  await expect(user.client.core.jobs.list.query({})).rejects.toMatchObject(refusal('FORBIDDEN'))
})

test('nobody gives what they do not hold, nor acts on who may do as much', async () => {
  const [user, other] = [await app.as('user'), await app.as('admin')]
  const top = await app.as('super_admin')
  const { users } = admin.client.core
  await expect(users.setRole.mutate({ id: user.account.id, role: 'super_admin' })).rejects.toMatchObject(
    refusal('BEYOND_YOURS'),
  )
  await expect(
    users.setGrants.mutate({ id: user.account.id, permissions: ['roles:write'] }),
  ).rejects.toMatchObject({ data: { code: 'BEYOND_YOURS', errors: [{ path: 'permissions' }] } })
  for (const { account } of [other, top, admin]) {
    const { id } = account
    const reason = 'because'
    for (const attempt of [
      () => users.disable.mutate({ id }),
      () => users.ban.mutate({ id, reason }),
      () => users.setRole.mutate({ id, role: 'user' }),
      () => users.setGrants.mutate({ id, permissions: [] }),
      () => users.logout.mutate({ id }),
      () => users.impersonate.mutate({ id, reason }),
      ...(id === admin.account.id ? [] : [() => users.delete.mutate({ id })]),
    ])
      await expect(attempt()).rejects.toMatchObject(refusal('OUTRANKED'))
  }
  expect(await profile(other)).toEqual([200, undefined])
  const refused = await entriesOf('core.users.ban', other.account.id)
  expect(refused).toMatchObject([{ outcome: 'refused', code: 'OUTRANKED', actor_id: admin.account.id }])
})

test('whoever is disabled is out at once, can not sign in, and can again once enabled', async () => {
  const user = await app.as('user')
  const { id } = user.account
  const { users } = admin.client.core
  expect(await users.disable.mutate({ id, reason: 'Left' })).toMatchObject({
    state: 'disabled',
    stateReason: 'Left',
  })
  expect(await profile(user)).toEqual([401, 'TOKEN_REVOKED'])
  await expect(signIn(user)).rejects.toMatchObject(refusal('ACCOUNT_DISABLED'))
  await expect(
    app.client.core.sessions.refresh.mutate({ refreshToken: user.refreshToken }),
  ).rejects.toMatchObject(refusal('TOKEN_REVOKED'))
  await expect(users.unban.mutate({ id })).rejects.toMatchObject(refusal('NOT_BANNED'))
  await users.enable.mutate({ id })
  await signIn(user)
  await app.settle()
  const subjects = (await app.mails()).filter(({ to }) => to === user.email).map(({ subject }) => subject)
  expect(subjects).toEqual(
    expect.arrayContaining(['Your account was disabled', 'Your account can be used again']),
  )
})

test('whoever is banned is refused everywhere, with the reason kept, until unbanned', async () => {
  const user = await app.as('user')
  const moderator = await app.as('moderator')
  const { id } = user.account
  const { users } = moderator.client.core
  await expect(users.disable.mutate({ id })).rejects.toMatchObject(refusal('FORBIDDEN'))
  expect(await users.ban.mutate({ id, reason: 'Sold tickets twice' })).toMatchObject({
    state: 'banned',
    stateReason: 'Sold tickets twice',
  })
  expect(await profile(user)).toEqual([401, 'TOKEN_REVOKED'])
  await expect(signIn(user)).rejects.toMatchObject(refusal('ACCOUNT_BANNED'))
  expect(await entriesOf('core.users.ban', id)).toMatchObject([
    { actor_id: moderator.account.id, outcome: 'done' },
  ])
  await users.unban.mutate({ id })
  await signIn(user)
})

test('a wrong password tells nothing of the state of an account', async () => {
  const user = await app.as('user')
  await admin.client.core.users.disable.mutate({ id: user.account.id })
  await expect(signIn({ ...user, password: 'not the one at all' })).rejects.toMatchObject(
    refusal('INVALID_CREDENTIALS'),
  )
})

test('a forced logout ends every login at once', async () => {
  const user = await app.as('user')
  await signIn(user)
  expect(await admin.client.core.users.logout.mutate({ id: user.account.id })).toMatchObject({
    endedLogins: 2,
  })
  expect(await profile(user)).toEqual([401, 'TOKEN_REVOKED'])
  await signIn(user)
})

test('a deleted account is hidden, can not sign in, leaves its address free, and comes back while nobody took it', async () => {
  const user = await app.as('user')
  const { id } = user.account
  const { users } = admin.client.core
  expect(await users.delete.mutate({ id })).toMatchObject({ id, endedLogins: 1 })
  expect(await profile(user)).toEqual([401, 'TOKEN_REVOKED'])
  await expect(signIn(user)).rejects.toMatchObject(refusal('INVALID_CREDENTIALS'))
  await expect(users.disable.mutate({ id })).rejects.toMatchObject(refusal('NOT_FOUND'))
  await users.restore.mutate({ id })
  await signIn(user)
  await expect(users.restore.mutate({ id })).rejects.toMatchObject(refusal('NOT_DELETED'))
  await users.delete.mutate({ id })
  await app.client.core.accounts.register.mutate({
    email: user.email,
    password: 'correct horse battery',
    name: 'Another',
  })
  await expect(users.restore.mutate({ id })).rejects.toMatchObject(refusal('EMAIL_TAKEN'))
})

test('whoever acts for somebody does so for a while, is never fresh, and stands in every audit entry', async () => {
  const user = await app.as('user')
  const { id } = user.account
  const made = await admin.client.core.users.impersonate.mutate({ id, reason: 'Ticket 4711', minutes: 5 })
  const { accessToken: token } = made
  expect((await app.rest('GET', '/api/user/profile', { token })).body).toMatchObject({ id })
  await app.rest('PUT', '/api/user/profile', { token, body: { name: 'Changed by admin' } })
  const [entry] = await app.db.read
    .selectFrom('audit_log')
    .selectAll()
    .where('action', '=', 'core.accounts.update')
    .where('actor_id', '=', id)
    .execute()
  expect(entry).toMatchObject({ impersonated_by: admin.account.id })
  const deleting = await app.rest('DELETE', '/api/user/profile', { token })
  expect([deleting.status, (deleting.body as { code: string }).code]).toEqual([403, 'FRESH_SIGN_IN_NEEDED'])
  const logins = await user.client.core.sessions.list.query({})
  expect(logins.items.map(({ method }) => method).sort()).toEqual(['impersonation', 'password'])
  app.clock.advance(5 * 60_000)
  expect((await app.rest('GET', '/api/user/profile', { token })).body).toMatchObject({
    code: 'TOKEN_EXPIRED',
  })
  expect(JSON.stringify(made)).not.toContain('plr_')
})

test('the last account that may do all can not be lost, however many try at once', async () => {
  await using own = await testApp()
  const supers = [await own.as('super_admin'), await own.as('super_admin'), await own.as('super_admin')]
  const ids = supers.map(({ account }) => account.id)
  const attempts = supers.flatMap(({ client }, index) =>
    ids
      .filter((_, other) => other !== index)
      .map((id, which) =>
        which === 0
          ? client.core.users.setRole.mutate({ id, role: 'user' })
          : client.core.users.disable.mutate({ id }),
      ),
  )
  await Promise.allSettled([
    ...attempts,
    ...supers.map(({ client, account }) => client.core.users.delete.mutate({ id: account.id })),
    ...supers.map(({ client }) => client.core.accounts.delete.mutate()),
  ])
  const left = await own.db
    .as<CoreDb>()
    .read.selectFrom('users')
    .select('id')
    .where('role', '=', 'super_admin')
    .where('state', '=', 'active')
    .where('deleted_at', 'is', null)
    .execute()
  expect(left.length).toBeGreaterThanOrEqual(1)
  for (const { client, account } of supers.filter(({ account: { id } }) =>
    left.some((row) => row.id === id),
  )) {
    if (left.length > 1) continue
    await expect(client.core.users.delete.mutate({ id: account.id })).rejects.toMatchObject(
      refusal('LAST_SUPER_ADMIN'),
    )
    await expect(client.core.accounts.delete.mutate()).rejects.toMatchObject(refusal('LAST_SUPER_ADMIN'))
  }
})
