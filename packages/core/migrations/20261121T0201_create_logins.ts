import type { Migration } from '@plinth/db'
import { sql } from 'kysely'

/** Logins: one for each time somebody signs in, whose tokens live and end with it. */
export const createLogins: Migration = {
  async up({ schema, type }) {
    await schema
      .createTable('logins')
      .addColumn('id', type.id, (column) => column.primaryKey())
      .addColumn('user_id', type.id, (column) => column.notNull().references('users.id').onDelete('cascade'))
      .addColumn('portal', type.text)
      .addColumn('address', type.text)
      .addColumn('user_agent', type.text)
      .addColumn('created_at', type.moment, (column) => column.notNull())
      .addColumn('refreshed_at', type.moment, (column) => column.notNull())
      .addColumn('expires_at', type.moment, (column) => column.notNull())
      .addColumn('ended_at', type.moment)
      .addColumn('end_reason', type.text)
      .addCheckConstraint('logins_portal_check', sql`portal in ('organizer', 'merchant')`)
      .addCheckConstraint(
        'logins_end_reason_check',
        sql`end_reason in ('logout', 'ended', 'token-reused', 'password-changed')`,
      )
      .addCheckConstraint('logins_end_check', sql`(ended_at is null) = (end_reason is null)`)
      .execute()
    await schema.createIndex('logins_user').on('logins').columns(['user_id', 'created_at', 'id']).execute()
    await schema.createIndex('logins_expiry').on('logins').column('expires_at').execute()
  },
  async down({ schema }) {
    await schema.dropTable('logins').execute()
  },
}
