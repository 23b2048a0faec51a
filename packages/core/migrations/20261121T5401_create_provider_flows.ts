import type { Migration } from '@plinth/db'
import { sql } from 'kysely'

/** Sign-ins at providers that were begun and are not completed yet. */
export const createProviderFlows: Migration = {
  async up({ schema, type }) {
    await schema
      .createTable('provider_flows')
      .addColumn('state_hash', type.text, (column) => column.primaryKey())
      .addColumn('flow_hash', type.text, (column) => column.notNull())
      .addColumn('provider', type.text, (column) => column.notNull())
      .addColumn('purpose', type.text, (column) => column.notNull())
      .addColumn('user_id', type.id, (column) => column.references('users.id').onDelete('cascade'))
      .addColumn('proof', type.text, (column) => column.notNull())
      .addColumn('redirect_url', type.text, (column) => column.notNull())
      .addColumn('return_to', type.text)
      .addColumn('created_at', type.moment, (column) => column.notNull())
      .addColumn('expires_at', type.moment, (column) => column.notNull())
      .addColumn('claimed_at', type.moment)
      .addColumn('identified', type.text)
      .addCheckConstraint('provider_flows_provider_check', sql`provider in ('google', 'github', 'facebook')`)
      .addCheckConstraint('provider_flows_purpose_check', sql`purpose in ('sign-in', 'link')`)
      .addCheckConstraint('provider_flows_user_check', sql`(purpose = 'link') = (user_id is not null)`)
      .addCheckConstraint(
        'provider_flows_identified_check',
        sql`identified is null or claimed_at is not null`,
      )
      .execute()
    await schema.createIndex('provider_flows_user').on('provider_flows').column('user_id').execute()
    await schema.createIndex('provider_flows_expiry').on('provider_flows').column('expires_at').execute()
  },
  async down({ schema }) {
    await schema.dropTable('provider_flows').execute()
  },
}
