import { foldText, type Migration } from '@plinth/db'
import { sql } from 'kysely'

const BATCH = 500

/** Accounts that are found by words of name and email address, and lists of them by state and portal. */
export const findUsers: Migration = {
  async up({ schema, type, db, search }) {
    await schema
      .alterTable('users')
      .addColumn('folded_text', type.text, (column) => column.notNull().defaultTo(''))
      .execute()
    for (let after = ''; ; ) {
      const rows = await db
        .selectFrom('users')
        .select(['id', 'name', 'email'])
        .where('id', '>', after)
        .orderBy('id')
        .limit(BATCH)
        .execute()
      for (const { id, name, email } of rows)
        await db
          .updateTable('users')
          .set({ folded_text: foldText(`${name} ${email}`) })
          .where('id', '=', id)
          .execute()
      const last = rows.at(-1)
      if (!last || rows.length < BATCH) break
      after = String(last.id)
    }
    await search.create('users', ['folded_text'])
    await schema
      .createIndex('users_state')
      .on('users')
      .columns(['state', 'created_at', 'id'])
      .where(sql.ref('state'), '<>', sql.lit('active'))
      .execute()
    await schema
      .createIndex('users_portal')
      .on('users')
      .columns(['portal', 'created_at', 'id'])
      .where(sql.ref('portal'), 'is not', null)
      .execute()
    await schema
      .createIndex('users_deleted')
      .on('users')
      .columns(['created_at', 'id'])
      .where(sql.ref('deleted_at'), 'is not', null)
      .execute()
  },
  async down({ schema, search }) {
    for (const name of ['users_deleted', 'users_portal', 'users_state'])
      await schema.dropIndex(name).execute()
    await search.drop('users')
    await schema.alterTable('users').dropColumn('folded_text').execute()
  },
}
