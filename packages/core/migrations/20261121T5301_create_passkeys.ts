import type { Migration } from '@plinth/db'
import { sql } from 'kysely'

/** Passkeys with the public halves of their keys, and the challenges that wait to be signed, as hashes. */
export const createPasskeys: Migration = {
  async up({ schema, type }) {
    await schema
      .createTable('passkeys')
      .addColumn('id', type.id, (column) => column.primaryKey())
      .addColumn('user_id', type.id, (column) => column.notNull().references('users.id').onDelete('cascade'))
      .addColumn('credential_id', type.text, (column) => column.notNull())
      .addColumn('public_key', type.text, (column) => column.notNull())
      .addColumn('counter', type.bigint, (column) => column.notNull())
      .addColumn('name', type.text, (column) => column.notNull())
      .addColumn('transports', type.text)
      .addColumn('aaguid', type.text, (column) => column.notNull())
      .addColumn('synced', type.boolean, (column) => column.notNull())
      .addColumn('backed_up', type.boolean, (column) => column.notNull())
      .addColumn('created_at', type.moment, (column) => column.notNull())
      .addColumn('updated_at', type.moment, (column) => column.notNull())
      .addColumn('created_by', type.id, (column) => column.notNull())
      .addColumn('updated_by', type.id, (column) => column.notNull())
      .addColumn('last_used_at', type.moment)
      .addColumn('suspended_at', type.moment)
      // Authenticators count in 32 bits (WebAuthn, section 6.1).
      .addCheckConstraint('passkeys_counter_check', sql`counter between 0 and 4294967295`)
      .addCheckConstraint('passkeys_name_check', sql`length(name) between 1 and 60`)
      .addCheckConstraint('passkeys_backup_check', sql`synced or not backed_up`)
      .execute()
    await schema.createIndex('passkeys_credential').unique().on('passkeys').column('credential_id').execute()
    await schema.createIndex('passkeys_user').on('passkeys').columns(['user_id', 'id']).execute()
    await schema
      .createTable('passkey_challenges')
      .addColumn('hash', type.text, (column) => column.primaryKey())
      .addColumn('purpose', type.text, (column) => column.notNull())
      .addColumn('login_id', type.id)
      .addColumn('created_at', type.moment, (column) => column.notNull())
      .addColumn('expires_at', type.moment, (column) => column.notNull())
      .addCheckConstraint(
        'passkey_challenges_purpose_check',
        sql`purpose in ('register', 'sign-in', 'prove')`,
      )
      .addCheckConstraint('passkey_challenges_login_check', sql`(purpose = 'sign-in') = (login_id is null)`)
      .execute()
    await schema
      .createIndex('passkey_challenges_login')
      .on('passkey_challenges')
      .columns(['login_id', 'purpose'])
      .execute()
    await schema
      .createIndex('passkey_challenges_expiry')
      .on('passkey_challenges')
      .column('expires_at')
      .execute()
  },
  async down({ schema }) {
    await schema.dropTable('passkey_challenges').execute()
    await schema.dropTable('passkeys').execute()
  },
}
