import type { Migration } from '@plinth/db'
import { sql } from 'kysely'

/** What principals of portals have beside their account, and invitations to a portal by the hash of their token. */
export const createPortals: Migration = {
  async up({ schema, type }) {
    await schema
      .createTable('portal_profiles')
      .addColumn('user_id', type.id, (column) =>
        column.primaryKey().references('users.id').onDelete('cascade'),
      )
      .addColumn('organization', type.text, (column) => column.notNull())
      .addColumn('image_key', type.text)
      .addColumn('image_type', type.text)
      .addColumn('created_at', type.moment, (column) => column.notNull())
      .addColumn('updated_at', type.moment, (column) => column.notNull())
      .addColumn('created_by', type.text, (column) => column.notNull())
      .addColumn('updated_by', type.text, (column) => column.notNull())
      .addCheckConstraint('portal_profiles_image_check', sql`(image_key is null) = (image_type is null)`)
      .execute()
    await schema
      .createTable('portal_invitations')
      .addColumn('id', type.id, (column) => column.primaryKey())
      .addColumn('portal', type.text, (column) => column.notNull())
      .addColumn('email', type.text, (column) => column.notNull())
      .addColumn('hash', type.text)
      .addColumn('created_at', type.moment, (column) => column.notNull())
      .addColumn('created_by', type.text, (column) => column.notNull())
      .addColumn('expires_at', type.moment, (column) => column.notNull())
      .addColumn('used_at', type.moment)
      .addCheckConstraint('portal_invitations_portal_check', sql`portal in ('organizer', 'merchant')`)
      .execute()
    await schema
      .createIndex('portal_invitations_hash')
      .unique()
      .on('portal_invitations')
      .column('hash')
      .execute()
    await schema
      .createIndex('portal_invitations_email')
      .on('portal_invitations')
      .columns(['portal', 'email'])
      .execute()
    await schema
      .createIndex('portal_invitations_expiry')
      .on('portal_invitations')
      .column('expires_at')
      .execute()
  },
  async down({ schema }) {
    await schema.dropTable('portal_invitations').execute()
    await schema.dropTable('portal_profiles').execute()
  },
}
