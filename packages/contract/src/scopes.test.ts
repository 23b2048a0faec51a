import { expect, test } from 'vitest'
import { walk } from './check.ts'
import { contract } from './contract.ts'
import type { Procedure } from './procedure.ts'
import { shapeOf } from './schema.ts'
import { scopeOf, scopesOf } from './scopes.ts'

// What these words stand for opens or closes doors: ways to sign in, and what those who are in may do.
const DOORS =
  /account|session|login|password|token|secret|key|role|grant|permission|factor|passkey|recover|impersonat|device|otp|code/i

/** Changes of credentials or access by their names that a limited credential may make all the same, and why. */
const OPEN: Readonly<Record<string, string>> = {}

const isGuardedWrite = ({ kind, access }: Procedure): boolean =>
  (kind === 'mutation' || kind === 'upload') && access !== 'public'

const takesPassword = ({ input }: Procedure): boolean =>
  Object.values(shapeOf(input)).some((field) => field.meta()?.format === 'password')

const doors = [...walk(contract)].filter(
  ([name, procedure]) =>
    isGuardedWrite(procedure) &&
    (DOORS.test(name.split('.').slice(1).join('.')) || takesPassword(procedure) || procedure.fresh),
)

test.each(doors)(
  '%s, which changes credentials or access, is closed to limited credentials',
  (name, procedure) => {
    expect(scopeOf(name, procedure) === null, 'give it `scope: null`, or say in OPEN why not').toBe(
      !(name in OPEN),
    )
  },
)

test('some procedures change credentials or access', () => {
  expect(doors.map(([name]) => name)).toEqual(
    expect.arrayContaining([
      'core.accounts.changePassword',
      'core.apiKeys.create',
      'core.apiKeys.rotate',
      'core.sessions.logout',
      'core.webhooks.rotateSecret',
    ]),
  )
})

test('scopes follow from the names of procedures, each once and in order', () => {
  const scopes = scopesOf(contract)
  expect(scopes).toEqual([...new Set(scopes)].toSorted())
  expect(scopes).toEqual(expect.arrayContaining(['products:read', 'products:write', 'webhooks:write']))
  for (const scope of scopes) expect(scope).toMatch(/^[a-zA-Z]+:(read|write)$/)
})
