import type { Migration } from '@plinth/db'
import { sql } from 'kysely'

/** What addresses have done, as points that fade. */
export const createReputations: Migration = {
  async up({ schema, type }) {
    await schema
      .createTable('reputations')
      .addColumn('network', type.text, (column) => column.primaryKey())
      .addColumn('points', type.real, (column) => column.notNull())
      .addColumn('toward', type.real, (column) => column.notNull())
      .addColumn('points_at', type.moment, (column) => column.notNull())
      .addColumn('step', type.integer)
      .addColumn('step_at', type.moment)
      .addColumn('offences', type.json, (column) => column.notNull())
      .addColumn('last_offence_at', type.moment, (column) => column.notNull())
      .addColumn('changed_at', type.moment, (column) => column.notNull())
      .addCheckConstraint('reputations_points', sql`points >= 0 and toward >= 0`)
      .addCheckConstraint('reputations_step', sql`(step is null) = (step_at is null)`)
      .execute()
    const index = (name: string, columns: string[]) =>
      schema.createIndex(`reputations_${name}`).on('reputations').columns(columns).execute()
    await index('last', ['last_offence_at', 'network'])
    await index('changed', ['changed_at'])
  },
  async down({ schema }) {
    await schema.dropTable('reputations').execute()
  },
}
