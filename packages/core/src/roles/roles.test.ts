import { type TestActor, type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

let app: TestApp
let top: TestActor
beforeAll(async () => {
  app = await testApp()
  top = await app.as('super_admin')
})
afterAll(() => app[Symbol.asyncDispose]())

const refusal = (code: string) => ({ data: { code } })
const role = (name: string, more = {}) => ({
  name,
  description: 'For a test',
  parent: 'user',
  permissions: [],
  ...more,
})

test('a role of our own gives what it says, and a change of it counts with the next request of its holders', async () => {
  const { roles, users } = top.client.core
  const made = await roles.create.mutate(role('auditor', { permissions: ['jobs:read'], parent: 'support' }))
  expect(made).toMatchObject({ name: 'auditor', builtIn: false, rights: ['audit:read', 'jobs:read'] })
  const user = await app.as('user')
  await users.setRole.mutate({ id: user.account.id, role: 'auditor' })
  await user.client.core.jobs.list.query({})
  await user.client.core.auditEntries.list.query({})
  await roles.update.mutate({ name: 'auditor', permissions: [], parent: 'user' })
  await expect(user.client.core.jobs.list.query({})).rejects.toMatchObject(refusal('FORBIDDEN'))
  await expect(user.client.core.auditEntries.list.query({})).rejects.toMatchObject(refusal('FORBIDDEN'))
})

test('what a role below gains, the roles above it have too', async () => {
  const { roles, users } = top.client.core
  await roles.create.mutate(role('base'))
  await roles.create.mutate(role('middle', { parent: 'base' }))
  await roles.create.mutate(role('high', { parent: 'middle' }))
  const user = await app.as('user')
  await users.setRole.mutate({ id: user.account.id, role: 'high' })
  await roles.update.mutate({ name: 'base', permissions: ['jobs:read'] })
  await user.client.core.jobs.list.query({})
  expect((await roles.get.query({ name: 'middle' })).rights).toEqual(['jobs:read'])
})

test('a preview tells who would gain and lose, and changes nothing', async () => {
  const { roles } = top.client.core
  await roles.create.mutate(role('seller', { permissions: ['products:write'] }))
  await roles.create.mutate(role('chief_seller', { parent: 'seller' }))
  const user = await app.as('user')
  await top.client.core.users.setRole.mutate({ id: user.account.id, role: 'chief_seller' })
  const before = await roles.get.query({ name: 'chief_seller' })
  expect(await roles.preview.query({ name: 'seller', permissions: ['tags:write'] })).toEqual({
    changes: [
      { role: 'chief_seller', gains: ['tags:write'], loses: ['products:write'], accounts: 1 },
      { role: 'seller', gains: ['tags:write'], loses: ['products:write'], accounts: 0 },
    ],
  })
  expect(await roles.preview.query({ name: 'seller' })).toEqual({ changes: [] })
  expect(await roles.get.query({ name: 'chief_seller' })).toEqual(before)
})

test('roles stand in no circle, above none that is not there, and not above as many as there may be', async () => {
  const { roles } = top.client.core
  await roles.create.mutate(role('one'))
  await roles.create.mutate(role('two', { parent: 'one' }))
  await expect(roles.update.mutate({ name: 'one', parent: 'two' })).rejects.toMatchObject({
    data: { code: 'ROLE_CYCLE', errors: [{ path: 'parent' }] },
  })
  await expect(roles.create.mutate(role('lost', { parent: 'nobody' }))).rejects.toMatchObject(
    refusal('ROLE_UNKNOWN'),
  )
  await expect(roles.create.mutate(role('one'))).rejects.toMatchObject(refusal('ROLE_TAKEN'))
})

test('of two changes at once that would close a circle together, one is made', async () => {
  const { roles } = top.client.core
  await roles.create.mutate(role('left'))
  await roles.create.mutate(role('right'))
  const settled = await Promise.allSettled([
    roles.update.mutate({ name: 'left', parent: 'right' }),
    roles.update.mutate({ name: 'right', parent: 'left' }),
  ])
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('who may change roles gives only what they hold, and what admins may is settled', async () => {
  const { roles, users } = top.client.core
  const clerk = await app.as('user')
  await users.setGrants.mutate({ id: clerk.account.id, permissions: ['roles:write', 'roles:read'] })
  const own = clerk.client.core.roles
  await expect(own.create.mutate(role('mine', { permissions: ['system:write'] }))).rejects.toMatchObject({
    data: { code: 'BEYOND_YOURS', errors: [{ path: 'permissions', message: 'system:write' }] },
  })
  await expect(own.create.mutate(role('mine', { parent: 'admin' }))).rejects.toMatchObject(
    refusal('BEYOND_YOURS'),
  )
  await own.create.mutate(role('mine', { permissions: ['roles:read'] }))
  for (const name of ['admin', 'super_admin'])
    await expect(roles.update.mutate({ name, permissions: [] })).rejects.toMatchObject(refusal('ROLE_FIXED'))
  const admin = await app.as('admin')
  await expect(admin.client.core.roles.create.mutate(role('theirs'))).rejects.toMatchObject(
    refusal('FORBIDDEN'),
  )
})

test('a role that somebody has, or that came with the system, is not deleted', async () => {
  const { roles, users } = top.client.core
  await roles.create.mutate(role('held'))
  const user = await app.as('user')
  await users.setRole.mutate({ id: user.account.id, role: 'held' })
  await expect(roles.delete.mutate({ name: 'held' })).rejects.toMatchObject(refusal('ROLE_IN_USE'))
  await expect(roles.delete.mutate({ name: 'support' })).rejects.toMatchObject(refusal('ROLE_FIXED'))
  await users.setRole.mutate({ id: user.account.id, role: 'user' })
  await roles.delete.mutate({ name: 'held' })
  await expect(roles.get.query({ name: 'held' })).rejects.toMatchObject(refusal('NOT_FOUND'))
})

test('a role is told why it may and may not', async () => {
  const { access, users } = top.client.core
  const user = await app.as('manager')
  const { id: userId } = user.account
  const explain = (procedure: string) => access.explain.query({ userId, procedure })
  expect(await explain('commerce.products.create')).toEqual({
    allowed: true,
    findings: [
      { rule: 'account', met: true, says: 'The account is active.' },
      { rule: 'permission', met: true, says: 'Holds products:write by the role manager.' },
    ],
  })
  expect(await explain('core.auditEntries.list')).toMatchObject({
    findings: [{}, { says: 'Holds audit:read by the role support, above which manager stands.' }],
  })
  expect(await explain('core.users.ban')).toMatchObject({
    allowed: false,
    findings: [{}, { rule: 'permission', met: false }],
  })
  expect(await explain('core.users.get')).toMatchObject({ allowed: null, findings: [{}, { rule: 'owner' }] })
  await users.setGrants.mutate({ id: userId, permissions: ['jobs:read'] })
  expect(await explain('core.jobs.list')).toMatchObject({
    findings: [{}, { says: 'Holds jobs:read by a grant of its own.' }],
  })
  await users.disable.mutate({ id: userId })
  expect(await explain('commerce.products.create')).toMatchObject({ allowed: false })
  expect(await explain('commerce.products.list')).toMatchObject({ allowed: true })
  await expect(explain('core.dreams.list')).rejects.toMatchObject(refusal('PROCEDURE_UNKNOWN'))
})

test('what is explained is what happens, for every procedure that needs a permission', async () => {
  const { contract, walk } = await import('@plinth/contract')
  const user = await app.as('moderator')
  const { id: userId } = user.account
  let asked = 0
  for (const [procedure, { access, input }] of walk(contract)) {
    if (typeof access !== 'string' || !access.includes(':') || !input.safeParse({}).success) continue
    const { allowed } = await top.client.core.access.explain.query({ userId, procedure })
    const path = `/trpc/${procedure}`
    const { body } = await app.rest('GET', path, { token: user.accessToken })
    const code = (body as { error?: { data: { code: string } } }).error?.data.code
    if (code === 'METHOD_NOT_ALLOWED') continue
    expect([procedure, code === undefined || code !== 'FORBIDDEN']).toEqual([procedure, allowed !== false])
    asked += 1
  }
  expect(asked).toBeGreaterThan(5)
})
