import type { Migration } from '@plinth/db'
import { sql } from 'kysely'

/** Authenticator apps, one for an account, and the recovery codes that come with it and go with it. */
export const createSecondFactors: Migration = {
  async up({ schema, type }) {
    await schema
      .createTable('totp_factors')
      .addColumn('user_id', type.id, (column) =>
        column.primaryKey().references('users.id').onDelete('cascade'),
      )
      .addColumn('secret', type.text, (column) => column.notNull())
      .addColumn('created_at', type.moment, (column) => column.notNull())
      .addColumn('confirmed_at', type.moment)
      .addColumn('last_step', type.bigint)
      // One that was confirmed was confirmed by a code, whose step is used.
      .addCheckConstraint('totp_factors_step_check', sql`(confirmed_at is null) = (last_step is null)`)
      .addCheckConstraint('totp_factors_secret_check', sql`secret like 'v1.%'`)
      .execute()
    await schema
      .createIndex('totp_factors_pending')
      .on('totp_factors')
      .column('created_at')
      .where(sql.ref('confirmed_at'), 'is', null)
      .execute()
    await schema
      .createTable('recovery_codes')
      .addColumn('user_id', type.id, (column) =>
        column.notNull().references('totp_factors.user_id').onDelete('cascade'),
      )
      .addColumn('hash', type.text, (column) => column.notNull())
      .addColumn('created_at', type.moment, (column) => column.notNull())
      .addColumn('used_at', type.moment)
      .addPrimaryKeyConstraint('recovery_codes_key', ['user_id', 'hash'])
      .addCheckConstraint('recovery_codes_hash_check', sql`length(hash) = 64`)
      .execute()
  },
  async down({ schema }) {
    await schema.dropTable('recovery_codes').execute()
    await schema.dropTable('totp_factors').execute()
  },
}
