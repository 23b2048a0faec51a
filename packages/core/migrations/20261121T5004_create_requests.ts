import type { Migration } from '@plinth/db'

/** The log of requests. Their ids sort by the moment they came, so that no index of its own is needed for it. */
export const createRequests: Migration = {
  async up({ schema, type }) {
    const text = ['request_id', 'method', 'route', 'path', 'address', 'country', 'region']
    let table = schema
      .createTable('requests')
      .addColumn('id', type.id, (column) => column.primaryKey())
      .addColumn('at', type.moment, (column) => column.notNull())
    for (const name of text) table = table.addColumn(name, type.text, (column) => column.notNull())
    await table
      .addColumn('status', type.integer, (column) => column.notNull())
      .addColumn('duration_ms', type.real, (column) => column.notNull())
      .addColumn('received', type.bigint, (column) => column.notNull())
      .addColumn('sent', type.bigint, (column) => column.notNull())
      // No reference: a log says what was, also of accounts that are gone.
      .addColumn('user_id', type.text)
      .addColumn('user_agent', type.text)
      .addColumn('fingerprint', type.text, (column) => column.notNull())
      .addColumn('client', type.text, (column) => column.notNull())
      .addColumn('bot_confidence', type.text, (column) => column.notNull())
      .addColumn('signs', type.json, (column) => column.notNull())
      .addColumn('body', type.text)
      .execute()
    for (const name of ['address', 'user_id', 'route', 'status', 'fingerprint'])
      await schema.createIndex(`requests_${name}`).on('requests').columns([name, 'id']).execute()
  },
  async down({ schema }) {
    await schema.dropTable('requests').execute()
  },
}
