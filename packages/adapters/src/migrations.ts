import type { Migrations } from '@plinth/db'
import { sql } from 'kysely'
import { keepShortMessages } from './sms/keep-short-messages.ts'

/** The tables of the embedded adapters, in the order they were added. */
export const adapterMigrations: Migrations = {
  '20261121T0110_create_jobs': {
    async up({ schema, type }) {
      await schema
        .createTable('jobs')
        .addColumn('id', type.id, (column) => column.primaryKey())
        .addColumn('name', type.text, (column) => column.notNull())
        .addColumn('payload', type.json, (column) => column.notNull())
        .addColumn('key', type.text)
        .addColumn('state', type.text, (column) => column.notNull())
        .addColumn('run_at', type.moment, (column) => column.notNull())
        .addColumn('attempts', type.integer, (column) => column.notNull())
        .addColumn('max_attempts', type.integer, (column) => column.notNull())
        .addColumn('locked_until', type.moment)
        .addColumn('last_error', type.text)
        .addColumn('created_at', type.moment, (column) => column.notNull())
        .addColumn('finished_at', type.moment)
        .addCheckConstraint('jobs_state', sql`state in ('ready', 'running', 'done', 'dead')`)
        .addCheckConstraint('jobs_attempts', sql`attempts between 0 and max_attempts`)
        .addCheckConstraint('jobs_locked', sql`(state = 'running') = (locked_until is not null)`)
        .addCheckConstraint('jobs_finished', sql`(state in ('done', 'dead')) = (finished_at is not null)`)
        .execute()
      await schema.createIndex('jobs_due').on('jobs').columns(['state', 'run_at', 'id']).execute()
      await schema.createIndex('jobs_held').on('jobs').columns(['state', 'locked_until']).execute()
      await schema.createIndex('jobs_ended').on('jobs').columns(['state', 'finished_at']).execute()
      await schema
        .createIndex('jobs_waiting_key')
        .unique()
        .on('jobs')
        .columns(['name', 'key'])
        .where(sql<boolean>`state = 'ready' and key is not null`)
        .execute()
    },
    async down({ schema }) {
      await schema.dropTable('jobs').execute()
    },
  },
  '20261121T0111_create_mailbox': {
    async up({ schema, type }) {
      await schema
        .createTable('mailbox')
        .addColumn('id', type.id, (column) => column.primaryKey())
        .addColumn('recipient', type.text, (column) => column.notNull())
        .addColumn('subject', type.text, (column) => column.notNull())
        .addColumn('text', type.text, (column) => column.notNull())
        .addColumn('html', type.text)
        .addColumn('sent_at', type.moment, (column) => column.notNull())
        .execute()
      await schema.createIndex('mailbox_recipient').on('mailbox').columns(['recipient', 'id']).execute()
    },
    async down({ schema }) {
      await schema.dropTable('mailbox').execute()
    },
  },
  '20261121T0722_list_jobs_by_state': {
    async up({ schema }) {
      await schema.createIndex('jobs_listed').on('jobs').columns(['state', 'id']).execute()
    },
    async down({ schema }) {
      await schema.dropIndex('jobs_listed').execute()
    },
  },
  '20261121T1931_trace_jobs': {
    async up({ schema, type }) {
      await schema.alterTable('jobs').addColumn('traceparent', type.text).execute()
    },
    async down({ schema }) {
      await schema.alterTable('jobs').dropColumn('traceparent').execute()
    },
  },
  '20261121T3800_number_attempts_over_redrives': {
    async up({ schema, type }) {
      await schema
        .alterTable('jobs')
        .addColumn('earlier_attempts', type.integer, (column) => column.notNull().defaultTo(0))
        .execute()
    },
    async down({ schema }) {
      await schema.alterTable('jobs').dropColumn('earlier_attempts').execute()
    },
  },
  '20261121T5200_keep_short_messages': keepShortMessages,
}
