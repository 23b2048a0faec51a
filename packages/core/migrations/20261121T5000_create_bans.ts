import type { Migration } from '@plinth/db'
import { sql } from 'kysely'

/** Warnings to addresses, and times for which they are refused. */
export const createBans: Migration = {
  async up({ schema, type }) {
    await schema
      .createTable('bans')
      .addColumn('id', type.id, (column) => column.primaryKey())
      .addColumn('network', type.text, (column) => column.notNull())
      .addColumn('kind', type.text, (column) => column.notNull())
      .addColumn('cause', type.text, (column) => column.notNull())
      .addColumn('reason', type.text, (column) => column.notNull())
      .addColumn('step', type.integer)
      .addColumn('ends_at', type.moment)
      .addColumn('created_at', type.moment, (column) => column.notNull())
      .addColumn('created_by', type.text)
      .addColumn('lifted_at', type.moment)
      .addColumn('lifted_by', type.text)
      .addColumn('changed_at', type.moment, (column) => column.notNull())
      .addCheckConstraint('bans_kind', sql`kind in ('warning', 'ban')`)
      .addCheckConstraint(
        'bans_cause',
        sql`(cause = 'by-hand' and created_by is not null and step is null) or (cause = 'offences' and created_by is null and step is not null)`,
      )
      .addCheckConstraint('bans_ends', sql`ends_at is null or ends_at >= created_at`)
      .addCheckConstraint('bans_lifted', sql`(lifted_at is null) = (lifted_by is null)`)
      .execute()
    await schema.createIndex('bans_network').on('bans').columns(['network', 'id']).execute()
    await schema.createIndex('bans_changed').on('bans').columns(['changed_at']).execute()
  },
  async down({ schema }) {
    await schema.dropTable('bans').execute()
  },
}
