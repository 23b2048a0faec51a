import type { Migration } from '@plinth/db'

/** Devices that somebody signed in from; one is recognised by a token, kept as its hash. */
export const createDevices: Migration = {
  async up({ schema, type }) {
    await schema
      .createTable('devices')
      .addColumn('id', type.id, (column) => column.primaryKey())
      .addColumn('user_id', type.id, (column) => column.notNull().references('users.id').onDelete('cascade'))
      .addColumn('token_hash', type.text, (column) => column.notNull())
      .addColumn('name', type.text, (column) => column.notNull())
      .addColumn('platform', type.text)
      .addColumn('created_at', type.moment, (column) => column.notNull())
      .addColumn('last_seen_at', type.moment, (column) => column.notNull())
      .addColumn('last_address', type.text)
      .addColumn('last_country', type.text)
      .execute()
    await schema.createIndex('devices_token').unique().on('devices').column('token_hash').execute()
    await schema
      .createIndex('devices_user')
      .on('devices')
      .columns(['user_id', 'last_seen_at', 'id'])
      .execute()
    await schema.createIndex('devices_seen').on('devices').column('last_seen_at').execute()
  },
  async down({ schema }) {
    await schema.dropTable('devices').execute()
  },
}
