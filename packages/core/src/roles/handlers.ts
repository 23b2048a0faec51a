import { contract } from '@plinth/contract'
import type { WriteDb } from '@plinth/db'
import { changed, type Handlers, type LoginStore, made } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import { implement } from '../implement.ts'
import { checkGains, checkPlace, writeRights } from './change.ts'
import { allRoles, holdRoles, isFixed, roleByName, toRole } from './queries.ts'
import { reading } from './reading.ts'
import { outdated, permissionsText } from './rules.ts'

type Writing = Pick<typeof contract.core.roles, 'create' | 'update' | 'delete'>

const answer = async (db: WriteDb<CoreDb>, name: string) => {
  const row = await roleByName(db, name)
  if (!row) throw new Error(`the role ${name} was just written`)
  return toRole(row)
}

const writing = (logins: LoginStore, most: number): Handlers<Writing, CoreDb> => ({
  async create({ input: { name, description, parent, permissions }, ctx, fail }) {
    await holdRoles(ctx.db)
    const all = await allRoles(ctx.db)
    if (all.size >= most) fail('TOO_MANY_ROLES')
    const own = permissionsText(permissions)
    if (all.has(name)) fail('ROLE_TAKEN')
    all.set(name, { name, parent, permissions: own, rights: '' })
    checkPlace({ name, parent }, all, fail)
    const changes = outdated(all)
    checkGains(changes, ctx.actor, fail)
    const row = { name, description, parent, permissions: own, rights: '', built_in: false, ...made(ctx) }
    await ctx.db.insertInto('roles').values(row).execute()
    await writeRights(ctx.db, logins, changes)
    ctx.audit({ target: name })
    return answer(ctx.db, name)
  },

  async update({ input: { name, description, parent, permissions }, ctx, fail }) {
    await holdRoles(ctx.db)
    const all = await allRoles(ctx.db)
    const role = all.get(name) ?? fail('NOT_FOUND')
    if (isFixed(role)) fail('ROLE_FIXED')
    const next = {
      ...role,
      parent: parent === undefined ? role.parent : parent,
      permissions: permissions ? permissionsText(permissions) : role.permissions,
    }
    all.set(name, next)
    checkPlace(next, all, fail)
    const changes = outdated(all)
    checkGains(changes, ctx.actor, fail)
    await ctx.db
      .updateTable('roles')
      .set({ description, parent: next.parent, permissions: next.permissions, ...changed(ctx) })
      .where('name', '=', name)
      .execute()
    await writeRights(ctx.db, logins, changes)
    ctx.audit({ target: name })
    return answer(ctx.db, name)
  },

  async delete({ input: { name }, ctx, fail }) {
    await holdRoles(ctx.db)
    const role = (await roleByName(ctx.db, name)) ?? fail('NOT_FOUND')
    if (role.built_in) fail('ROLE_FIXED')
    const above = [...(await allRoles(ctx.db)).values()].some(({ parent }) => parent === name)
    // Those who were deleted have it too, for when they are brought back.
    const holder = await ctx.db
      .selectFrom('users')
      .select('id')
      .where('role', '=', name)
      .limit(1)
      .executeTakeFirst()
    if (above || holder) fail('ROLE_IN_USE')
    await ctx.db.deleteFrom('roles').where('name', '=', name).execute()
    await logins.setRights(ctx.db, name, null)
    ctx.audit({ target: name })
    return { name, deletedAt: ctx.now.toISOString() }
  },
})

/** Roles. Each change is judged by all of them, and written one after the other. */
export const roles = (logins: LoginStore, most: number) =>
  implement(contract.core.roles, { ...reading, ...writing(logins, most) }, { 'roles.name': 'ROLE_TAKEN' })
