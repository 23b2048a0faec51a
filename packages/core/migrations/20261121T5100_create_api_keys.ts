import type { Migration } from '@plinth/db'
import { sql } from 'kysely'

/** Keys with which programs call in the name of an account, and their secrets: hashed, and sealed where they sign. */
export const createApiKeys: Migration = {
  async up({ schema, type }) {
    await schema
      .createTable('api_keys')
      .addColumn('id', type.id, (column) => column.primaryKey())
      .addColumn('user_id', type.id, (column) => column.notNull().references('users.id').onDelete('cascade'))
      .addColumn('name', type.text, (column) => column.notNull())
      .addColumn('scopes', type.text, (column) => column.notNull())
      .addColumn('signed', type.boolean, (column) => column.notNull())
      .addColumn('per_minute', type.integer, (column) => column.notNull())
      .addColumn('burst', type.integer, (column) => column.notNull())
      .addColumn('expires_at', type.moment, (column) => column.notNull())
      .addColumn('revoked_at', type.moment)
      .addColumn('last_used_at', type.moment)
      .addColumn('last_address', type.text)
      .addColumn('created_at', type.moment, (column) => column.notNull())
      .addColumn('updated_at', type.moment, (column) => column.notNull())
      .addColumn('created_by', type.text, (column) => column.notNull())
      .addColumn('updated_by', type.text, (column) => column.notNull())
      .addCheckConstraint('api_keys_name_check', sql`length(name) between 1 and 100`)
      // A key without any would be one that is limited to nothing, which reads like one without limits.
      .addCheckConstraint('api_keys_scopes_check', sql`length(scopes) > 0`)
      .addCheckConstraint('api_keys_limit_check', sql`per_minute > 0 and burst >= 0`)
      .addCheckConstraint('api_keys_expiry_check', sql`expires_at > created_at`)
      .execute()
    await schema.createIndex('api_keys_user').on('api_keys').columns(['user_id', 'id']).execute()
    await schema.createIndex('api_keys_expiry').on('api_keys').column('expires_at').execute()
    await schema.createIndex('api_keys_revoked').on('api_keys').column('revoked_at').execute()
    await schema
      .createTable('api_key_secrets')
      .addColumn('hash', type.text, (column) => column.primaryKey())
      .addColumn('key_id', type.id, (column) =>
        column.notNull().references('api_keys.id').onDelete('cascade'),
      )
      .addColumn('sealed', type.text)
      .addColumn('created_at', type.moment, (column) => column.notNull())
      .addColumn('ends_at', type.moment)
      // 64 hex digits of SHA-256, never a secret in clear.
      .addCheckConstraint('api_key_secrets_hash_check', sql`length(hash) = 64`)
      .addCheckConstraint('api_key_secrets_sealed_check', sql`sealed like 'v1.%'`)
      .execute()
    await schema
      .createIndex('api_key_secrets_key')
      .on('api_key_secrets')
      .columns(['key_id', 'ends_at'])
      .execute()
    await schema
      .createIndex('api_key_secrets_present')
      .unique()
      .on('api_key_secrets')
      .column('key_id')
      .where(sql.ref('ends_at'), 'is', null)
      .execute()
    await schema.createIndex('api_key_secrets_end').on('api_key_secrets').column('ends_at').execute()
  },
  async down({ schema }) {
    await schema.dropTable('api_key_secrets').execute()
    await schema.dropTable('api_keys').execute()
  },
}
