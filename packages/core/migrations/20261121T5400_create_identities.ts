import type { Migration } from '@plinth/db'
import { sql } from 'kysely'

/** Accounts at providers that accounts can be signed in to with. Each belongs to one account. */
export const createIdentities: Migration = {
  async up({ schema, type }) {
    await schema
      .createTable('identities')
      .addColumn('id', type.id, (column) => column.primaryKey())
      .addColumn('user_id', type.id, (column) => column.notNull().references('users.id').onDelete('cascade'))
      .addColumn('provider', type.text, (column) => column.notNull())
      .addColumn('subject', type.text, (column) => column.notNull())
      .addColumn('email', type.text)
      .addColumn('created_at', type.moment, (column) => column.notNull())
      .addColumn('last_used_at', type.moment)
      .addCheckConstraint('identities_provider_check', sql`provider in ('google', 'github', 'facebook')`)
      .addCheckConstraint('identities_subject_check', sql`length(subject) between 1 and 255`)
      .addCheckConstraint('identities_email_check', sql`email = lower(email)`)
      .execute()
    await schema
      .createIndex('identities_subject')
      .unique()
      .on('identities')
      .columns(['provider', 'subject'])
      .execute()
    await schema.createIndex('identities_user').on('identities').columns(['user_id', 'id']).execute()
  },
  async down({ schema }) {
    await schema.dropTable('identities').execute()
  },
}
