import type { Migration } from '@plinth/db'
import { sql } from 'kysely'

/** Codes and links that prove an address or a number, and the look-up of accounts by a proved number. */
export const createOneTimeCodes: Migration = {
  async up({ schema, type }) {
    await schema
      .createTable('one_time_codes')
      .addColumn('id', type.id, (column) => column.primaryKey())
      .addColumn('purpose', type.text, (column) => column.notNull())
      .addColumn('audience', type.text, (column) => column.notNull())
      .addColumn('form', type.text, (column) => column.notNull())
      .addColumn('channel', type.text, (column) => column.notNull())
      .addColumn('recipient', type.text, (column) => column.notNull())
      .addColumn('sealed', type.text, (column) => column.notNull())
      .addColumn('user_id', type.id, (column) => column.references('users.id').onDelete('cascade'))
      .addColumn('secret', type.text)
      .addColumn('attempts', type.integer, (column) => column.notNull())
      .addColumn('created_at', type.moment, (column) => column.notNull())
      .addColumn('expires_at', type.moment, (column) => column.notNull())
      .addColumn('ended_at', type.moment)
      .addColumn('end_reason', type.text)
      .addCheckConstraint('one_time_codes_purpose_check', sql`purpose in ('reset-password')`)
      .addCheckConstraint('one_time_codes_audience_check', sql`audience in ('user', 'organizer', 'merchant')`)
      .addCheckConstraint('one_time_codes_channel_check', sql`channel in ('mail', 'sms')`)
      .addCheckConstraint(
        'one_time_codes_form_check',
        sql`form = 'code' or (form = 'link' and channel = 'mail')`,
      )
      .addCheckConstraint('one_time_codes_attempts_check', sql`attempts >= 0`)
      .addCheckConstraint(
        'one_time_codes_end_check',
        sql`(ended_at is null and end_reason is null) or end_reason in ('used', 'replaced', 'withdrawn')`,
      )
      .execute()
    const index = (name: string) => schema.createIndex(name).on('one_time_codes')
    await index('one_time_codes_live')
      .unique()
      .columns(['recipient', 'purpose', 'audience'])
      .where(sql.ref('ended_at'), 'is', null)
      .execute()
    await index('one_time_codes_recent').columns(['recipient', 'created_at']).execute()
    await index('one_time_codes_secret').unique().column('secret').execute()
    await index('one_time_codes_user').column('user_id').execute()
    await index('one_time_codes_expiry').column('expires_at').execute()
    await schema
      .createIndex('users_phone')
      .on('users')
      .columns(['phone', 'phone_verified_at'])
      .where(sql.ref('phone_verified_at'), 'is not', null)
      .execute()
  },
  async down({ schema }) {
    await schema.dropIndex('users_phone').execute()
    await schema.dropTable('one_time_codes').execute()
  },
}
