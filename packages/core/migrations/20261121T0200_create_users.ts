import type { Migration } from '@plinth/db'
import { sql } from 'kysely'

/** Accounts. */
export const createUsers: Migration = {
  async up({ schema, type }) {
    await schema
      .createTable('users')
      .addColumn('id', type.id, (column) => column.primaryKey())
      .addColumn('email', type.text, (column) => column.notNull())
      .addColumn('email_verified_at', type.moment)
      .addColumn('name', type.text, (column) => column.notNull())
      .addColumn('phone', type.text)
      .addColumn('locale', type.text, (column) => column.notNull())
      .addColumn('time_zone', type.text, (column) => column.notNull())
      .addColumn('role', type.text, (column) => column.notNull())
      .addColumn('password_hash', type.text, (column) => column.notNull())
      .addColumn('created_at', type.moment, (column) => column.notNull())
      .addColumn('updated_at', type.moment, (column) => column.notNull())
      .addColumn('created_by', type.text, (column) => column.notNull())
      .addColumn('updated_by', type.text, (column) => column.notNull())
      .addCheckConstraint('users_role_check', sql`role in ('user', 'support', 'manager', 'admin')`)
      .addCheckConstraint('users_email_check', sql`email = lower(email) and email like '%_@_%'`)
      .addCheckConstraint('users_name_check', sql`length(name) between 1 and 100`)
      .addCheckConstraint('users_password_check', sql`password_hash like '$argon2id$%'`)
      .execute()
    await schema.createIndex('users_email').unique().on('users').column('email').execute()
  },
  async down({ schema }) {
    await schema.dropTable('users').execute()
  },
}
