import type { Migration } from '@plinth/db'
import { sql } from 'kysely'

const at = '2026-11-21T00:00:00.000Z'
const written = { created_at: at, updated_at: at, created_by: 'system', updated_by: 'system' }

const BUILT_IN = [
  ['user', null, 'Anybody with an account', '', ''],
  ['support', 'user', 'Reads the audit log', 'audit:read', 'audit:read'],
  [
    'moderator',
    'user',
    'Bans accounts',
    'audit:read users:ban users:read',
    'audit:read users:ban users:read',
  ],
  [
    'manager',
    'support',
    'Looks after the catalogue',
    'categories:write products:write tags:write',
    'audit:read categories:write products:write tags:write',
  ],
  ['admin', 'moderator', 'May do all but change roles', '*', '* audit:read users:ban users:read'],
  ['super_admin', 'admin', 'May do all', '*', '* audit:read users:ban users:read'],
] as const

/** Roles, with those that every installation begins with. */
export const createRoles: Migration = {
  async up({ schema, type, db }) {
    await schema
      .createTable('roles')
      .addColumn('name', type.text, (column) => column.primaryKey())
      .addColumn('parent', type.text, (column) => column.references('roles.name').onDelete('restrict'))
      .addColumn('description', type.text, (column) => column.notNull())
      .addColumn('permissions', type.text, (column) => column.notNull())
      .addColumn('rights', type.text, (column) => column.notNull())
      .addColumn('built_in', type.boolean, (column) => column.notNull())
      .addColumn('created_at', type.moment, (column) => column.notNull())
      .addColumn('updated_at', type.moment, (column) => column.notNull())
      .addColumn('created_by', type.text, (column) => column.notNull())
      .addColumn('updated_by', type.text, (column) => column.notNull())
      .addCheckConstraint('roles_parent_check', sql`parent <> name`)
      .execute()
    await schema.createIndex('roles_parent').on('roles').column('parent').execute()
    await db
      .insertInto('roles')
      .values(
        BUILT_IN.map(([name, parent, description, permissions, rights]) => ({
          name,
          parent,
          description,
          permissions,
          rights,
          built_in: true,
          ...written,
        })),
      )
      .execute()
  },
  async down({ schema }) {
    await schema.dropTable('roles').execute()
  },
}
