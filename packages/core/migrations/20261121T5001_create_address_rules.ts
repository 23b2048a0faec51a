import type { Migration } from '@plinth/db'
import { sql } from 'kysely'

/** Ranges of addresses that are let in or kept out on chosen routes. */
export const createAddressRules: Migration = {
  async up({ schema, type }) {
    await schema
      .createTable('address_rules')
      .addColumn('id', type.id, (column) => column.primaryKey())
      .addColumn('effect', type.text, (column) => column.notNull())
      .addColumn('routes', type.text, (column) => column.notNull())
      .addColumn('range', type.text, (column) => column.notNull())
      .addColumn('reason', type.text, (column) => column.notNull())
      .addColumn('expires_at', type.moment)
      .addColumn('created_at', type.moment, (column) => column.notNull())
      .addColumn('created_by', type.text, (column) => column.notNull())
      .addCheckConstraint('address_rules_effect', sql`effect in ('allow', 'deny')`)
      .execute()
    const index = (name: string, columns: string[]) =>
      schema.createIndex(`address_rules_${name}`).on('address_rules').columns(columns).execute()
    await index('effect', ['effect', 'id'])
    await index('routes', ['routes', 'id'])
    await index('expiry', ['expires_at'])
  },
  async down({ schema }) {
    await schema.dropTable('address_rules').execute()
  },
}
