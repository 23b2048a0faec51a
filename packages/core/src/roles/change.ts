import type { WriteDb } from '@plinth/db'
import type { Actor, LoginStore } from '@plinth/kit'
import { permissionsOf } from '../access/roles.ts'
import type { CoreDb } from '../db.ts'
import { chainOf, type outdated, type RoleRule } from './rules.ts'

type Refuse = (
  code: 'ROLE_UNKNOWN' | 'ROLE_CYCLE' | 'BEYOND_YOURS',
  detail?: { errors: FieldErrors },
) => never
type FieldErrors = { path: string; message: string }[]

/** Refuses a role whose parent is not there, or stands above it. */
export const checkPlace = (
  { name, parent }: Pick<RoleRule, 'name' | 'parent'>,
  roles: ReadonlyMap<string, RoleRule>,
  refuse: Refuse,
): void => {
  if (parent !== null && !roles.has(parent))
    refuse('ROLE_UNKNOWN', { errors: [{ path: 'parent', message: 'is not a role' }] })
  if (chainOf(name, roles) === null)
    refuse('ROLE_CYCLE', { errors: [{ path: 'parent', message: 'stands above this role' }] })
}

/** Refuses a change by which anybody would gain what the caller does not hold. */
export const checkGains = (
  changes: ReturnType<typeof outdated>,
  { permissions: held }: Actor,
  refuse: Refuse,
): void => {
  for (const { name, before, rights } of changes) {
    const had = permissionsOf(name, before, null)
    const beyond = [...permissionsOf(name, rights, null)].filter((each) => !had.has(each) && !held.has(each))
    if (beyond.length > 0)
      refuse('BEYOND_YOURS', { errors: beyond.map((each) => ({ path: 'permissions', message: each })) })
  }
}

/** Writes what the roles may do now, and lets those who are signed in have it with their next call. */
export const writeRights = async (
  db: WriteDb<CoreDb>,
  logins: LoginStore,
  changes: ReturnType<typeof outdated>,
): Promise<void> => {
  for (const { name, rights } of changes) {
    await db.updateTable('roles').set({ rights }).where('name', '=', name).execute()
    await logins.setRights(db, name, rights)
  }
}
