import type { ReadDb } from '@plinth/db'
import { type Breach, type Invariant, invariantsOf } from '@plinth/kit'
import { sql } from 'kysely'
import { apiKeyInvariants } from './api-keys/invariants.ts'
import type { CoreDb } from './db.ts'
import { allRoles } from './roles/queries.ts'
import { outdated } from './roles/rules.ts'

// What proves a login is kept hashed, and even the hash is not printed.
const ofAnotherUser = async (
  db: ReadDb<CoreDb>,
  table: 'sessions' | 'refresh_tokens',
  most: number,
): Promise<Breach[]> => {
  const rows = await db
    .selectFrom(table)
    .innerJoin('logins', 'logins.id', `${table}.login_id`)
    .select(['logins.id', 'logins.user_id as owner', `${table}.user_id as user`])
    .whereRef('logins.user_id', '!=', `${table}.user_id`)
    .orderBy('logins.id')
    .limit(most)
    .execute()
  return rows.map(({ id, owner, user }) => ({
    row: `${table} login_id=${id}`,
    found: `is of ${user}, but its login is of ${owner}`,
  }))
}

const identityInvariants: readonly Invariant[] = invariantsOf<CoreDb>()({
  'sessions.user': {
    says: 'a session is of the user whose login it belongs to',
    find: (db, { most }) => ofAnotherUser(db, 'sessions', most),
  },
  'refresh_tokens.user': {
    says: 'a refresh token is of the user whose login it belongs to',
    find: (db, { most }) => ofAnotherUser(db, 'refresh_tokens', most),
  },
  'logins.expiry': {
    says: 'a login lives as long as its newest refresh token',
    async find(db, { most }) {
      const rows = await db
        .selectFrom('logins')
        .innerJoin('refresh_tokens', 'refresh_tokens.login_id', 'logins.id')
        .select(({ fn }) => [
          'logins.id',
          'logins.expires_at',
          fn.max('refresh_tokens.expires_at').as('newest'),
        ])
        .groupBy(['logins.id', 'logins.expires_at'])
        .having(({ fn }) => fn.max('refresh_tokens.expires_at'), '!=', sql.ref<string>('logins.expires_at'))
        .orderBy('logins.id')
        .limit(most)
        .execute()
      return rows.map(({ id, expires_at, newest }) => ({
        row: `logins id=${id}`,
        found: `expires ${expires_at}, its newest refresh token ${newest}`,
      }))
    },
  },
  'roles.rights': {
    says: 'a role may do what it and the roles below it say',
    async find(db, { most }) {
      return outdated(await allRoles(db))
        .slice(0, most)
        .map(({ name, before, rights }) => ({
          row: `roles name=${name}`,
          found: `may do "${before}", but it should be "${rights}"`,
        }))
    },
  },
  'portal_profiles.portal': {
    says: 'whoever has a profile in a portal is a principal of one',
    async find(db, { most }) {
      const rows = await db
        .selectFrom('portal_profiles')
        .innerJoin('users', 'users.id', 'portal_profiles.user_id')
        .select('users.id')
        .where('users.portal', 'is', null)
        .orderBy('users.id')
        .limit(most)
        .execute()
      return rows.map(({ id }) => ({ row: `portal_profiles user_id=${id}`, found: 'is of a person' }))
    },
  },
  'users.email': {
    says: 'emails are kept in lower case, so that one address is one account',
    async find(db, { most }) {
      const rows = await db
        .selectFrom('users')
        .select('id')
        .where('email', '!=', ({ fn }) => fn<string>('lower', ['email']))
        .orderBy('id')
        .limit(most)
        .execute()
      return rows.map(({ id }) => ({ row: `users id=${id}`, found: 'has capital letters in its email' }))
    },
  },
  'email_verifications.user': {
    says: 'a token that proves an email was made no later than it was used',
    async find(db, { most }) {
      const rows = await db
        .selectFrom('email_verifications')
        .select(['user_id', 'created_at', 'used_at'])
        .where('used_at', '<', sql.ref<string>('created_at'))
        .limit(most)
        .execute()
      return rows.map(({ user_id, created_at, used_at }) => ({
        row: `email_verifications user_id=${user_id}`,
        found: `made ${created_at}, used ${used_at}`,
      }))
    },
  },
})

/** What must hold in the tables of core. */
export const coreInvariants: readonly Invariant[] = [...identityInvariants, ...apiKeyInvariants]
