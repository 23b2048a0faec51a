import { permissions } from '@plinth/contract'
import { testApp } from '@plinth/testing'
import { expect, test } from 'vitest'
import type { CoreDb } from '../db.ts'
import { permissionsOf, reserved, roles } from './roles.ts'

test('each role holds what the roles below it hold, and super_admin everything', () => {
  const chains = [
    [roles.user, roles.support, roles.manager, roles.admin, roles.super_admin],
    [roles.user, roles.moderator, roles.admin, roles.super_admin],
  ]
  for (const chain of chains)
    for (const [index, role] of chain.entries())
      for (const lower of chain.slice(0, index))
        expect([...lower].filter((permission) => !role.has(permission))).toEqual([])
  expect(roles.super_admin).toEqual(new Set(permissions))
  expect(roles.admin).toEqual(new Set(permissions.filter((each) => !reserved.has(each))))
  expect(reserved.size).toBeGreaterThan(0)
})

test('a fresh database has the roles that the documents show', async () => {
  await using app = await testApp()
  const rows = await app.db.as<CoreDb>().read.selectFrom('roles').select(['name', 'rights']).execute()
  const stored = Object.fromEntries(rows.map(({ name, rights }) => [name, permissionsOf(name, rights, null)]))
  expect(stored).toEqual(roles)
})

test('permissions that this version does not know are passed over', () => {
  expect(permissionsOf('support', 'audit:read dreams:read', 'jobs:read worlds:write')).toEqual(
    new Set(['audit:read', 'jobs:read']),
  )
})
