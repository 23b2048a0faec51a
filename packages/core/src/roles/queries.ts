import type { RoleEntry } from '@plinth/contract'
import { dialectOf, type ReadDb, type Row, type WriteDb } from '@plinth/db'
import { EVERYTHING, permissionsOf, wordsOf } from '../access/roles.ts'
import type { RolesTable } from '../access/tables.ts'
import type { CoreDb } from '../db.ts'
import type { RoleRule } from './rules.ts'

// More than the settings allow.
const MOST_READ = 1000

/** A role as it is answered. */
export const toRole = (row: Row<RolesTable>): (typeof RoleEntry)['_output'] => ({
  name: row.name,
  description: row.description,
  parent: row.parent,
  permissions: wordsOf(row.permissions),
  rights: [...permissionsOf(row.name, row.rights, null)].sort(),
  builtIn: row.built_in,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})

/** One role. */
export const roleByName = (db: ReadDb<CoreDb> | WriteDb<CoreDb>, name: string) =>
  (db as ReadDb<CoreDb>).selectFrom('roles').selectAll().where('name', '=', name).executeTakeFirst()

/** All roles by name: there are few. */
export const allRoles = async (db: ReadDb<CoreDb> | WriteDb<CoreDb>): Promise<Map<string, RoleRule>> => {
  const rows = await (db as ReadDb<CoreDb>)
    .selectFrom('roles')
    .select(['name', 'parent', 'permissions', 'rights'])
    .orderBy('name')
    .limit(MOST_READ)
    .execute()
  return new Map(rows.map((row) => [row.name, row]))
}

/** Lets one change of roles follow the other: each is judged by all roles. */
export const holdRoles = (db: WriteDb<CoreDb>): Promise<void> => dialectOf(db).lock(db, 'roles')

/** How many accounts have each of these roles. */
export const countHolders = async (
  db: ReadDb<CoreDb>,
  names: readonly string[],
): Promise<ReadonlyMap<string, number>> => {
  if (names.length === 0) return new Map()
  const rows = await db
    .selectFrom('users')
    .select(({ fn }) => ['role', fn.countAll().as('count')])
    .where('role', 'in', names)
    .where('deleted_at', 'is', null)
    .groupBy('role')
    .execute()
  return new Map(rows.map(({ role, count }) => [role, Number(count)]))
}

/** Whether what a role may do is settled by the code. */
export const isFixed = ({ permissions }: RoleRule): boolean => permissions === EVERYTHING
