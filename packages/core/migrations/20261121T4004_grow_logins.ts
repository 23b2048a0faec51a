import type { Migration } from '@plinth/db'
import { sql } from 'kysely'

const REASONS = "'logout', 'ended', 'token-reused', 'password-changed'"

/** Logins that know how and from which device they were made, what they are limited to, and when they end for good. */
export const growLogins: Migration = {
  async up({ schema, type, db, changeRules }) {
    const add = (build: Parameters<ReturnType<typeof schema.alterTable>['addColumn']>) =>
      schema
        .alterTable('logins')
        .addColumn(...build)
        .execute()
    await add(['method', type.text, (column) => column.notNull().defaultTo('password')])
    await add(['device_id', type.id])
    await add(['country', type.text])
    await add(['proven_at', type.moment])
    await add(['ends_at', type.moment])
    await add(['scopes', type.text])
    await add(['impersonated_by', type.id])
    await add(['suspicion', type.text])
    await db
      .updateTable('logins')
      .set({ proven_at: sql.ref('created_at'), ends_at: sql.ref('expires_at') })
      .execute()
    await changeRules('logins', {
      drop: ['logins_end_reason_check'],
      add: {
        logins_end_reason_check: `check (end_reason in (${REASONS}, 'too-many', 'device-removed', 'forced', 'account-closed'))`,
        logins_lifetime_check: 'check (expires_at <= ends_at)',
        logins_device_known: 'foreign key (device_id) references devices (id) on delete set null',
        logins_impersonator_known: 'foreign key (impersonated_by) references users (id) on delete cascade',
      },
      required: ['proven_at', 'ends_at'],
    })
    await schema.createIndex('logins_device').on('logins').column('device_id').execute()
    await schema.createIndex('logins_impersonator').on('logins').column('impersonated_by').execute()
  },
  async down({ schema, db, changeRules }) {
    for (const name of ['logins_impersonator', 'logins_device']) await schema.dropIndex(name).execute()
    await db
      .updateTable('logins')
      .set({ end_reason: 'ended' })
      .where('end_reason', 'in', ['too-many', 'device-removed', 'forced', 'account-closed'])
      .execute()
    await changeRules('logins', {
      drop: [
        'logins_end_reason_check',
        'logins_lifetime_check',
        'logins_device_known',
        'logins_impersonator_known',
      ],
      add: { logins_end_reason_check: `check (end_reason in (${REASONS}))` },
    })
    for (const column of [
      'suspicion',
      'impersonated_by',
      'scopes',
      'ends_at',
      'proven_at',
      'country',
      'device_id',
      'method',
    ])
      await schema.alterTable('logins').dropColumn(column).execute()
  },
}
