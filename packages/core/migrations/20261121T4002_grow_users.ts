import type { Migration } from '@plinth/db'
import { sql } from 'kysely'

const ROLE_CHECK = "check (role in ('user', 'support', 'manager', 'admin'))"

/** Accounts that can be disabled, banned and deleted, that belong to a portal, and whose role is a row. */
export const growUsers: Migration = {
  async up({ schema, type, changeRules }) {
    const add = (build: Parameters<ReturnType<typeof schema.alterTable>['addColumn']>) =>
      schema
        .alterTable('users')
        .addColumn(...build)
        .execute()
    await add(['portal', type.text])
    await add(['state', type.text, (column) => column.notNull().defaultTo('active')])
    await add(['state_reason', type.text])
    await add(['state_at', type.moment])
    await add(['grants', type.text])
    await add(['phone_verified_at', type.moment])
    await add(['deleted_at', type.moment])
    await changeRules('users', {
      drop: ['users_role_check'],
      add: {
        users_role_known: 'foreign key (role) references roles (name) on delete restrict',
        users_portal_check: "check (portal in ('organizer', 'merchant'))",
        users_state_check: "check (state in ('active', 'pending', 'disabled', 'banned'))",
      },
      nullable: ['password_hash'],
    })
    await schema.dropIndex('users_email').execute()
    // An address that was given up with its account can register again.
    await schema
      .createIndex('users_email')
      .unique()
      .on('users')
      .column('email')
      .where(sql.ref('portal'), 'is', null)
      .where(sql.ref('deleted_at'), 'is', null)
      .execute()
    await schema
      .createIndex('users_portal_email')
      .unique()
      .on('users')
      .columns(['portal', 'email'])
      .where(sql.ref('portal'), 'is not', null)
      .where(sql.ref('deleted_at'), 'is', null)
      .execute()
    await schema.createIndex('users_role').on('users').columns(['role', 'created_at', 'id']).execute()
    await schema.createIndex('users_created').on('users').columns(['created_at', 'id']).execute()
  },
  async down({ schema, db, changeRules }) {
    for (const name of ['users_created', 'users_role', 'users_portal_email', 'users_email'])
      await schema.dropIndex(name).execute()
    // What the schema before has no place for.
    await db
      .deleteFrom('users')
      .where((eb) =>
        eb.or([
          eb('portal', 'is not', null),
          eb('deleted_at', 'is not', null),
          eb('password_hash', 'is', null),
          eb('role', 'not in', ['user', 'support', 'manager', 'admin']),
        ]),
      )
      .execute()
    await changeRules('users', {
      drop: ['users_role_known', 'users_portal_check', 'users_state_check'],
      add: { users_role_check: ROLE_CHECK },
      required: ['password_hash'],
    })
    for (const column of [
      'deleted_at',
      'phone_verified_at',
      'grants',
      'state_at',
      'state_reason',
      'state',
      'portal',
    ])
      await schema.alterTable('users').dropColumn(column).execute()
    await schema.createIndex('users_email').unique().on('users').column('email').execute()
  },
}
