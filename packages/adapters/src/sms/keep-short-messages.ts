import type { Migration } from '@plinth/db'

/** The mailbox keeps short messages too. */
export const keepShortMessages: Migration = {
  async up({ schema, type, changeRules }) {
    await schema
      .alterTable('mailbox')
      .addColumn('channel', type.text, (column) => column.notNull().defaultTo('mail'))
      .execute()
    await changeRules('mailbox', { add: { mailbox_channel_check: "check (channel in ('mail', 'sms'))" } })
  },
  async down({ schema, db, changeRules }) {
    await db.deleteFrom('mailbox').where('channel', '=', 'sms').execute()
    await changeRules('mailbox', { drop: ['mailbox_channel_check'] })
    await schema.alterTable('mailbox').dropColumn('channel').execute()
  },
}
