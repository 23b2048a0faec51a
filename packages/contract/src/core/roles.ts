import { z } from 'zod'
import { permissions } from '../access.ts'
import { conflict, forbidden, invalid } from '../errors.ts'
import { mutation, query } from '../procedure.ts'
import { Moment } from '../words/moments.ts'
import { page, pageInput } from '../words/page.ts'
import { prose } from '../words/text.ts'

/** The name of a role: lower-case words joined by underscores. */
export const RoleName = z
  .string()
  .max(40)
  .regex(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/, 'must be lower-case words joined by underscores')
  .describe('Name of a role, such as moderator')

const Permissions = z.array(z.enum(permissions)).max(permissions.length)

/** A role: what its holders may do. It has the permissions of its parent too. */
export const RoleEntry = z
  .object({
    name: z.string(),
    description: z.string(),
    parent: z.string().nullable().describe('The role whose permissions it has too'),
    permissions: z.array(z.string()).describe('Its own; an asterisk stands for all that exist'),
    rights: z.array(z.string()).describe('Its own and those of the roles below it'),
    builtIn: z.boolean().describe('Whether it came with Plinth and can not be deleted'),
    createdAt: Moment,
    updatedAt: Moment,
  })
  .meta({ id: 'Role' })

const example: z.infer<typeof RoleEntry> = {
  name: 'buyer',
  description: 'Orders from suppliers',
  parent: 'support',
  permissions: ['products:write'],
  rights: ['audit:read', 'products:write'],
  builtIn: false,
  createdAt: '2026-11-21T09:30:00.000Z',
  updatedAt: '2026-11-21T09:30:00.000Z',
}

const ROLE_UNKNOWN = invalid('There is no such role: choose one of those that the roles list.')

/** What can stand in the way of giving somebody, or a role, more or less. */
export const grantErrors = {
  BEYOND_YOURS: forbidden('Nobody can give what they do not hold: ask somebody who may do more than you.'),
} as const

const fields = {
  description: prose(200),
  parent: RoleName.nullable().describe('The role whose permissions it has too; null: none'),
  permissions: Permissions.describe('What it may do besides'),
}
const errors = {
  ...grantErrors,
  ROLE_UNKNOWN,
  ROLE_CYCLE: invalid('A role can not stand above one that stands above it: choose another parent.'),
} as const
const ROLE_FIXED = conflict('What this role may do can not be changed: make a role of your own.')

/** A change of what holders of a role may do. */
const Difference = z.object({
  role: z.string(),
  gains: z.array(z.string()),
  loses: z.array(z.string()),
  accounts: z.int().describe('How many accounts have the role; those of them with own grants may differ'),
})

/** Roles: what their holders may do. A change counts with the next request of everybody. */
export const roles = {
  /** List the roles by name */
  list: query({
    summary: 'List the roles by name',
    access: 'roles:read',
    input: z.strictObject(pageInput),
    output: page(RoleEntry),
    example: { input: {}, output: { items: [example], nextCursor: null } },
  }),

  /** Read one role */
  get: query({
    summary: 'Read one role',
    rest: 'GET /roles/{name}',
    access: 'roles:read',
    input: z.strictObject({ name: RoleName }),
    output: RoleEntry,
    example: { input: { name: 'buyer' }, output: example },
  }),

  /** Tell who would gain and who would lose by a change of a role, without making it */
  preview: query({
    summary: 'Tell who would gain and who would lose by a change of a role, without making it',
    rest: 'GET /roles/{name}/preview',
    access: 'roles:read',
    input: z.strictObject({
      name: RoleName,
      parent: RoleName.optional().describe('Left out: as it is'),
      permissions: Permissions.min(1).optional().describe('Left out: as they are'),
    }),
    output: z.object({
      changes: z.array(Difference).describe('The role and those that stand above it, as far as they change'),
    }),
    errors: { ROLE_UNKNOWN: errors.ROLE_UNKNOWN, ROLE_CYCLE: errors.ROLE_CYCLE, ROLE_FIXED },
    example: {
      input: { name: 'buyer', permissions: ['tags:write'] },
      output: {
        changes: [{ role: 'buyer', gains: ['tags:write'], loses: ['products:write'], accounts: 12 }],
      },
    },
  }),

  /** Make a role */
  create: mutation({
    summary: 'Make a role',
    access: 'roles:write',
    scope: null,
    fresh: true,
    input: z.strictObject({ name: RoleName, ...fields }),
    output: RoleEntry,
    errors: {
      ...errors,
      ROLE_TAKEN: conflict('There is a role of this name: choose another name.'),
      TOO_MANY_ROLES: conflict('There are as many roles as there may be: delete one that is not used.'),
    },
    example: {
      input: {
        name: 'buyer',
        description: 'Orders from suppliers',
        parent: 'support',
        permissions: ['products:write'],
      },
      output: example,
    },
  }),

  /** Change a role; only the fields given change */
  update: mutation({
    summary: 'Change a role; only the fields given change',
    rest: 'PUT /roles/{name}',
    access: 'roles:write',
    scope: null,
    fresh: true,
    input: z.strictObject({
      name: RoleName,
      description: fields.description.optional(),
      parent: fields.parent.optional(),
      permissions: fields.permissions.optional(),
    }),
    output: RoleEntry,
    errors: { ...errors, ROLE_FIXED },
    example: { input: { name: 'buyer', permissions: ['products:write'] }, output: example },
  }),

  /** Delete a role that nobody has */
  delete: mutation({
    summary: 'Delete a role that nobody has',
    rest: 'DELETE /roles/{name}',
    access: 'roles:write',
    scope: null,
    fresh: true,
    input: z.strictObject({ name: RoleName }),
    output: z.object({ name: z.string(), deletedAt: Moment }),
    errors: {
      ROLE_FIXED,
      ROLE_IN_USE: conflict(
        'Accounts have this role, or a role stands above it: give them another one first.',
      ),
    },
    example: { input: { name: 'buyer' }, output: { name: 'buyer', deletedAt: '2026-11-21T10:00:00.000Z' } },
  }),
}
