import { type Access, contract, type Procedure, walk } from '@plinth/contract'
import type { ReadDb, Row } from '@plinth/db'
import type { UsersTable } from '../accounts/tables.ts'
import type { CoreDb } from '../db.ts'
import { implement } from '../implement.ts'
import { allRoles } from '../roles/queries.ts'
import { chainOf, type RoleRule } from '../roles/rules.ts'
import { permissionsOf, SUPER_ADMIN } from './roles.ts'

interface Finding {
  readonly rule: 'account' | 'portal' | 'permission' | 'owner' | 'verified' | 'fresh' | 'public' | 'signed-in'
  readonly met: boolean | null
  readonly says: string
}

type User = Row<UsersTable>
type Roles = ReadonlyMap<string, RoleRule>

const ACTIVE: Finding = { rule: 'account', met: true, says: 'The account is active.' }

const accountOf = ({ state, deleted_at: deletedAt }: User): Finding => {
  if (deletedAt !== null)
    return { rule: 'account', met: false, says: `The account was deleted at ${deletedAt}.` }
  return state === 'active' ? ACTIVE : { rule: 'account', met: false, says: `The account is ${state}.` }
}

/** Which role of the chain has a permission, or that it was granted; null where none. */
const sourceOf = ({ role, grants }: User, roles: Roles, permission: string): string | null => {
  if (role === SUPER_ADMIN) return `by the role ${role}, which may do all`
  for (const { name, permissions } of chainOf(role, roles) ?? [])
    if (permissionsOf(name, permissions, null).has(permission as never))
      return name === role ? `by the role ${name}` : `by the role ${name}, above which ${role} stands`
  return permissionsOf('', '', grants).has(permission as never) ? 'by a grant of its own' : null
}

const permissionOf = (user: User, roles: Roles, permission: string): Finding => {
  const source = sourceOf(user, roles, permission)
  return source === null
    ? {
        rule: 'permission',
        met: false,
        says: `Lacks ${permission}: the role ${user.role} has it not, nor is it granted.`,
      }
    : { rule: 'permission', met: true, says: `Holds ${permission} ${source}.` }
}

const portalOf = ({ portal }: User, wanted: string | null): Finding[] => {
  if (portal === wanted) return []
  const says = `It is for ${wanted ?? 'persons'}, and this is ${portal === null ? 'a person' : `of the portal ${portal}`}.`
  return [{ rule: 'portal', met: false, says }]
}

const accessOf = (access: Access, user: User, roles: Roles): Finding[] => {
  if (access === 'public') return [{ rule: 'public', met: true, says: 'Anybody may call it.' }]
  if (typeof access === 'object' && 'portal' in access) return portalOf(user, access.portal)
  const portal = portalOf(user, null)
  if (access === 'user')
    return [...portal, { rule: 'signed-in', met: true, says: 'Anybody signed in may call it.' }]
  if (typeof access === 'string') return [...portal, permissionOf(user, roles, access)]
  const all = permissionOf(user, roles, access.own)
  const owner: Finding = {
    rule: 'owner',
    met: null,
    says: 'Sees what is its own; what is of others answers 404.',
  }
  return [...portal, all.met === true ? all : owner]
}

const demandsOf = ({ fresh, verified }: Procedure, user: User): Finding[] => {
  const findings: Finding[] = []
  const proved = user.email_verified_at !== null
  if (verified)
    findings.push({
      rule: 'verified',
      met: proved,
      says: proved ? 'The email address is verified.' : 'The email address is not verified.',
    })
  if (fresh) findings.push({ rule: 'fresh', met: null, says: 'Needs a recent proof of who calls.' })
  return findings
}

const verdict = (findings: readonly Finding[]): boolean | null => {
  if (findings.some(({ met }) => met === false)) return false
  return findings.some(({ met }) => met === null) ? null : true
}

const userOf = (db: ReadDb<CoreDb>, id: string) =>
  db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()

let known: ReadonlyMap<string, Procedure> | undefined

// Made when it is first asked for, and once: the contract does not change while it is served.
const procedureOf = (name: string): Procedure | undefined => {
  known ??= new Map(walk(contract))
  return known.get(name)
}

/** Why a caller may or may not, by the rules that the kit holds calls to. */
export const access = implement(contract.core.access, {
  async explain({ input: { userId, procedure: name }, ctx, fail }) {
    const procedure = procedureOf(name) ?? fail('PROCEDURE_UNKNOWN')
    const user = (await userOf(ctx.db, userId)) ?? fail('NOT_FOUND')
    const open = procedure.access === 'public'
    const findings = [
      ...(open ? [] : [accountOf(user)]),
      ...accessOf(procedure.access, user, await allRoles(ctx.db)),
      ...(open ? [] : demandsOf(procedure, user)),
    ]
    return { allowed: verdict(findings), findings }
  },
})
