import type { Migration } from '@plinth/db'
import { sql } from 'kysely'

/** Nonces that signed requests have used up: its primary key lets each in once, whichever process it reaches. */
export const createApiKeyNonces: Migration = {
  async up({ schema, type }) {
    await schema
      .createTable('api_key_nonces')
      .addColumn('key_id', type.id, (column) =>
        column.notNull().references('api_keys.id').onDelete('cascade'),
      )
      .addColumn('nonce', type.text, (column) => column.notNull())
      .addColumn('expires_at', type.moment, (column) => column.notNull())
      .addPrimaryKeyConstraint('api_key_nonces_pkey', ['key_id', 'nonce'])
      .addCheckConstraint('api_key_nonces_nonce_check', sql`length(nonce) between 16 and 64`)
      .execute()
    await schema.createIndex('api_key_nonces_expiry').on('api_key_nonces').column('expires_at').execute()
  },
  async down({ schema }) {
    await schema.dropTable('api_key_nonces').execute()
  },
}
