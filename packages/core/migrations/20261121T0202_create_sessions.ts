import type { Migration } from '@plinth/db'

/** Sessions: one for each access token, found by the hash of the token. */
export const createSessions: Migration = {
  async up({ schema, type }) {
    await schema
      .createTable('sessions')
      .addColumn('id', type.text, (column) => column.primaryKey())
      .addColumn('user_id', type.id, (column) => column.notNull().references('users.id').onDelete('cascade'))
      .addColumn('login_id', type.id, (column) =>
        column.notNull().references('logins.id').onDelete('cascade'),
      )
      .addColumn('created_at', type.moment, (column) => column.notNull())
      .addColumn('expires_at', type.moment, (column) => column.notNull())
      .addColumn('ended_at', type.moment)
      .execute()
    await schema.createIndex('sessions_login').on('sessions').column('login_id').execute()
    await schema.createIndex('sessions_user').on('sessions').column('user_id').execute()
    await schema.createIndex('sessions_expiry').on('sessions').column('expires_at').execute()
  },
  async down({ schema }) {
    await schema.dropTable('sessions').execute()
  },
}
