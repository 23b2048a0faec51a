import { type Permission, permissions } from '@plinth/contract'

const support = ['audit:read'] as const satisfies readonly Permission[]
const manager = [
  ...support,
  'products:write',
  'categories:write',
  'tags:write',
] as const satisfies readonly Permission[]

/** The permissions of each role. A role holds those of the roles before it; `admin` holds all that exist. */
export const roles = {
  user: new Set<Permission>(),
  support: new Set<Permission>(support),
  manager: new Set<Permission>(manager),
  admin: new Set<Permission>(permissions),
} as const satisfies Readonly<Record<string, ReadonlySet<Permission>>>

/** The name of a role. */
export type Role = keyof typeof roles

/** Whether a text names a role. */
export const isRole = (text: string): text is Role => Object.hasOwn(roles, text)
