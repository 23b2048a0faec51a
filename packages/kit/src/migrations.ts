import type { Migrations } from '@plinth/db'
import { sql } from 'kysely'

/** The tables of the kit, in the order they were added. */
export const kitMigrations: Migrations = {
  '20261121T0100_create_audit_log': {
    async up({ schema, type, appendOnly }) {
      await schema
        .createTable('audit_log')
        .addColumn('id', type.id, (column) => column.primaryKey())
        .addColumn('at', type.moment, (column) => column.notNull())
        .addColumn('actor_id', type.id)
        .addColumn('action', type.text, (column) => column.notNull())
        .addColumn('target', type.text)
        .addColumn('outcome', type.text, (column) => column.notNull())
        .addColumn('code', type.text)
        .addColumn('address', type.text)
        .addColumn('user_agent', type.text)
        .addColumn('request_id', type.text, (column) => column.notNull())
        .execute()
      await schema.createIndex('audit_log_at').on('audit_log').columns(['at', 'id']).execute()
      await schema.createIndex('audit_log_actor').on('audit_log').columns(['actor_id', 'at', 'id']).execute()
      await schema.createIndex('audit_log_action').on('audit_log').columns(['action', 'at', 'id']).execute()
      await appendOnly('audit_log')
    },
    async down({ schema, dropAppendOnly }) {
      await dropAppendOnly('audit_log')
      await schema.dropTable('audit_log').execute()
    },
  },
  '20261121T0101_create_outbox': {
    async up({ schema, type }) {
      await schema
        .createTable('outbox')
        .addColumn('id', type.id, (column) => column.primaryKey())
        .addColumn('type', type.text, (column) => column.notNull())
        .addColumn('payload', type.json, (column) => column.notNull())
        .addColumn('created_at', type.moment, (column) => column.notNull())
        .addColumn('dispatched_at', type.moment)
        .execute()
      await schema.createIndex('outbox_waiting').on('outbox').columns(['dispatched_at', 'id']).execute()
    },
    async down({ schema }) {
      await schema.dropTable('outbox').execute()
    },
  },
  '20261121T0102_create_idempotency_keys': {
    async up({ schema, type }) {
      await schema
        .createTable('idempotency_keys')
        .addColumn('principal', type.text, (column) => column.notNull())
        .addColumn('key', type.text, (column) => column.notNull())
        .addColumn('request_hash', type.text, (column) => column.notNull())
        .addColumn('answer', type.text)
        .addColumn('created_at', type.moment, (column) => column.notNull())
        .addColumn('expires_at', type.moment, (column) => column.notNull())
        .addPrimaryKeyConstraint('idempotency_keys_pkey', ['principal', 'key'])
        .execute()
      await schema
        .createIndex('idempotency_keys_expiry')
        .on('idempotency_keys')
        .column('expires_at')
        .execute()
    },
    async down({ schema }) {
      await schema.dropTable('idempotency_keys').execute()
    },
  },
  '20261121T0720_create_schedules': {
    async up({ schema, type }) {
      await schema
        .createTable('schedules')
        .addColumn('name', type.text, (column) => column.primaryKey())
        .addColumn('last_due_at', type.moment, (column) => column.notNull())
        .execute()
      await schema
        .createTable('schedule_runs')
        .addColumn('id', type.id, (column) => column.primaryKey())
        .addColumn('schedule', type.text, (column) => column.notNull())
        .addColumn('due_at', type.moment, (column) => column.notNull())
        .addColumn('state', type.text, (column) => column.notNull())
        .addColumn('attempts', type.integer, (column) => column.notNull())
        .addColumn('started_at', type.moment)
        .addColumn('ended_at', type.moment)
        .addColumn('error', type.text)
        .addCheckConstraint('schedule_runs_state', sql`state in ('waiting', 'running', 'done', 'failed')`)
        .addCheckConstraint(
          'schedule_runs_ended',
          sql`(state in ('done', 'failed')) = (ended_at is not null)`,
        )
        .execute()
      // Whoever writes the row of a due moment fires it, and nobody else can.
      await schema
        .createIndex('schedule_runs_due')
        .unique()
        .on('schedule_runs')
        .columns(['schedule', 'due_at'])
        .execute()
    },
    async down({ schema }) {
      await schema.dropTable('schedule_runs').execute()
      await schema.dropTable('schedules').execute()
    },
  },
  '20261121T0721_let_old_audit_entries_go': {
    async up({ schema, type, appendOnly, dropAppendOnly }) {
      await schema
        .createTable('retentions')
        .addColumn('table_name', type.text, (column) => column.primaryKey())
        .addColumn('kept_since', type.moment, (column) => column.notNull())
        .execute()
      await dropAppendOnly('audit_log')
      await appendOnly('audit_log', { moment: 'at', retentions: 'retentions' })
    },
    async down({ schema, appendOnly, dropAppendOnly }) {
      await dropAppendOnly('audit_log')
      await appendOnly('audit_log')
      await schema.dropTable('retentions').execute()
    },
  },
  '20261121T1930_trace_events': {
    async up({ schema, type }) {
      await schema.alterTable('outbox').addColumn('traceparent', type.text).execute()
    },
    async down({ schema }) {
      await schema.alterTable('outbox').dropColumn('traceparent').execute()
    },
  },
  '20261121T2050_own_idempotency_claims': {
    async up({ schema, type }) {
      await schema.alterTable('idempotency_keys').addColumn('claim', type.text).execute()
    },
    async down({ schema }) {
      await schema.alterTable('idempotency_keys').dropColumn('claim').execute()
    },
  },
  '20261121T4000_audit_impersonation': {
    async up({ schema, type }) {
      await schema.alterTable('audit_log').addColumn('impersonated_by', type.text).execute()
    },
    async down({ schema }) {
      await schema.alterTable('audit_log').dropColumn('impersonated_by').execute()
    },
  },
}
