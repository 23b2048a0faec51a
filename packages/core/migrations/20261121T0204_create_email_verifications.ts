import type { Migration } from '@plinth/db'

/** Tokens that prove an email address, by hash. */
export const createEmailVerifications: Migration = {
  async up({ schema, type }) {
    await schema
      .createTable('email_verifications')
      .addColumn('hash', type.text, (column) => column.primaryKey())
      .addColumn('user_id', type.id, (column) => column.notNull().references('users.id').onDelete('cascade'))
      .addColumn('email', type.text, (column) => column.notNull())
      .addColumn('created_at', type.moment, (column) => column.notNull())
      .addColumn('expires_at', type.moment, (column) => column.notNull())
      .addColumn('used_at', type.moment)
      .execute()
    await schema.createIndex('email_verifications_user').on('email_verifications').column('user_id').execute()
    await schema
      .createIndex('email_verifications_expiry')
      .on('email_verifications')
      .column('expires_at')
      .execute()
  },
  async down({ schema }) {
    await schema.dropTable('email_verifications').execute()
  },
}
