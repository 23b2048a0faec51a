import type { contract } from '@plinth/contract'
import { keyset, pageOf, type SortField } from '@plinth/db'
import type { Handlers } from '@plinth/kit'
import { permissionsOf } from '../access/roles.ts'
import type { CoreDb } from '../db.ts'
import { checkPlace } from './change.ts'
import { allRoles, countHolders, isFixed, roleByName, toRole } from './queries.ts'
import { outdated, permissionsText } from './rules.ts'

const BY_NAME: readonly SortField[] = [{ column: 'name', direction: 'asc' }]

const without = (one: ReadonlySet<string>, other: ReadonlySet<string>): string[] =>
  [...one].filter((each) => !other.has(each)).sort()

/** Looking at roles, and at what a change of one would do. */
export const reading: Handlers<Pick<typeof contract.core.roles, 'list' | 'get' | 'preview'>, CoreDb> = {
  async list({ input: { limit, cursor }, ctx }) {
    const rows = await keyset(ctx.db.selectFrom('roles').selectAll(), BY_NAME, cursor)
      .limit(limit + 1)
      .execute()
    const { items, nextCursor } = pageOf(rows, limit, BY_NAME)
    return { items: items.map(toRole), nextCursor }
  },

  async get({ input: { name }, ctx, fail }) {
    return toRole((await roleByName(ctx.db, name)) ?? fail('NOT_FOUND'))
  },

  async preview({ input: { name, parent, permissions }, ctx, fail }) {
    const all = await allRoles(ctx.db)
    const role = all.get(name) ?? fail('NOT_FOUND')
    if (isFixed(role)) fail('ROLE_FIXED')
    const next = {
      ...role,
      parent: parent ?? role.parent,
      permissions: permissions ? permissionsText(permissions) : role.permissions,
    }
    all.set(name, next)
    // Nobody gains by a look.
    checkPlace(next, all, (code, detail) => fail(code === 'BEYOND_YOURS' ? 'FORBIDDEN' : code, detail))
    const changes = outdated(all)
    const holders = await countHolders(
      ctx.db,
      changes.map((change) => change.name),
    )
    return {
      changes: changes.map((change) => {
        const before = permissionsOf(change.name, change.before, null)
        const after = permissionsOf(change.name, change.rights, null)
        return {
          role: change.name,
          gains: without(after, before),
          loses: without(before, after),
          accounts: holders.get(change.name) ?? 0,
        }
      }),
    }
  },
}
