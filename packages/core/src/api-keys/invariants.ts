import { type Invariant, invariantsOf } from '@plinth/kit'
import type { CoreDb } from '../db.ts'

/** What must hold in the tables of API keys. */
export const apiKeyInvariants: readonly Invariant[] = invariantsOf<CoreDb>()({
  'api_keys.secret': {
    says: 'an API key has a present secret, which is sealed if the key signs, and only then',
    async find(db, { most }) {
      const rows = await db
        .selectFrom('api_keys')
        .leftJoin('api_key_secrets as secret', (join) =>
          join.onRef('secret.key_id', '=', 'api_keys.id').on('secret.ends_at', 'is', null),
        )
        .select(['api_keys.id', 'api_keys.signed', 'secret.hash', 'secret.sealed'])
        .where(({ eb, or, and }) =>
          or([
            eb('secret.hash', 'is', null),
            and([eb('api_keys.signed', '=', true), eb('secret.sealed', 'is', null)]),
            and([eb('api_keys.signed', '=', false), eb('secret.sealed', 'is not', null)]),
          ]),
        )
        .orderBy('api_keys.id')
        .limit(most)
        .execute()
      return rows.map(({ id, signed, hash }) => ({
        row: `api_keys id=${id}`,
        found: hash === null ? 'has no present secret' : `signed is ${signed}, its secret is not`,
      }))
    },
  },
})
