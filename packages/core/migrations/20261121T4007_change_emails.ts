import type { Migration } from '@plinth/db'
import { sql } from 'kysely'

/** Email addresses that wait to be confirmed before they take the place of the one that counts. */
export const changeEmails: Migration = {
  async up({ schema, type }) {
    await schema.alterTable('users').addColumn('pending_email', type.text).execute()
    await schema
      .alterTable('email_verifications')
      .addColumn('purpose', type.text, (column) =>
        column.notNull().defaultTo('verify').check(sql`purpose in ('verify', 'change')`),
      )
      .execute()
  },
  async down({ schema }) {
    await schema.alterTable('email_verifications').dropColumn('purpose').execute()
    await schema.alterTable('users').dropColumn('pending_email').execute()
  },
}
