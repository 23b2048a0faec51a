/** Every permission that exists. A role is a set of them (`packages/core/src/access/roles.ts`). */
export const permissions = [
  'users:read',
  'users:write',
  'users:ban',
  'users:impersonate',
  'portals:write',
  'roles:read',
  'roles:write',
  'audit:read',
  'guard:read',
  'guard:write',
  'jobs:read',
  'jobs:write',
  'products:write',
  'requests:read',
  'system:read',
  'system:write',
  'categories:write',
  'tags:write',
  'webhooks:read',
  'webhooks:write',
  'keys:read',
  'keys:write',
] as const

/** The name of a permission: what it is for, and whether it reads or writes. */
export type Permission = (typeof permissions)[number]

/** Portals whose principals carry tokens of their own audience. */
export type PortalName = 'organizer' | 'merchant'

/** Who holds the permission sees all; anybody else sees what is their own (`ctx.scope` says which). */
export interface Own<P extends Permission = Permission> {
  readonly own: P
}

/** Only a principal of this portal. */
export interface Portal<N extends PortalName = PortalName> {
  readonly portal: N
}

/** Who may call: anybody, anybody signed in, holders of a permission, owners, or one portal's principals. */
export type Access = 'public' | 'user' | Permission | Own | Portal

/** The owner of the record, or a holder of `permission` for everybody's records. */
export const own = <const P extends Permission>(permission: P): Own<P> => ({ own: permission })

/** A principal signed in to the named portal. */
export const portal = <const N extends PortalName>(name: N): Portal<N> => ({ portal: name })
