import { permissions } from '@plinth/contract'
import { expect, test } from 'vitest'
import { roles } from './roles.ts'

test('each role holds the permissions of the one before it, a user none and an admin all', () => {
  const { user, support, manager, admin } = roles
  expect(user.size).toBe(0)
  expect([...support].every((permission) => manager.has(permission))).toBe(true)
  expect([...manager].every((permission) => admin.has(permission))).toBe(true)
  expect([...admin]).toEqual([...permissions])
})
