import type { Migration } from '@plinth/db'

/** Refresh tokens by hash. A spent one stays until it expires, so that its reuse is noticed. */
export const createRefreshTokens: Migration = {
  async up({ schema, type }) {
    await schema
      .createTable('refresh_tokens')
      .addColumn('hash', type.text, (column) => column.primaryKey())
      .addColumn('user_id', type.id, (column) => column.notNull().references('users.id').onDelete('cascade'))
      .addColumn('login_id', type.id, (column) =>
        column.notNull().references('logins.id').onDelete('cascade'),
      )
      .addColumn('created_at', type.moment, (column) => column.notNull())
      .addColumn('expires_at', type.moment, (column) => column.notNull())
      .addColumn('used_at', type.moment)
      .execute()
    await schema.createIndex('refresh_tokens_login').on('refresh_tokens').column('login_id').execute()
    await schema.createIndex('refresh_tokens_user').on('refresh_tokens').column('user_id').execute()
    await schema.createIndex('refresh_tokens_expiry').on('refresh_tokens').column('expires_at').execute()
  },
  async down({ schema }) {
    await schema.dropTable('refresh_tokens').execute()
  },
}
