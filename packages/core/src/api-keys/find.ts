import type { CommonErrorCode } from '@plinth/contract'
import { compiled, type ReadDb } from '@plinth/db'
import type { Actor } from '@plinth/kit'
import { permissionsOf } from '../access/roles.ts'
import type { CoreDb } from '../db.ts'
import type { KeySettings } from '../settings.ts'

const withOwner = (db: ReadDb<CoreDb>) =>
  db
    .selectFrom('api_key_secrets')
    .innerJoin('api_keys', 'api_keys.id', 'api_key_secrets.key_id')
    .innerJoin('users', 'users.id', 'api_keys.user_id')
    .innerJoin('roles', 'roles.name', 'users.role')
    .select(['api_key_secrets.sealed', 'api_key_secrets.ends_at', 'api_keys.id', 'api_keys.user_id'])
    .select(['api_keys.scopes', 'api_keys.per_minute', 'api_keys.burst', 'api_keys.expires_at'])
    .select(['api_keys.revoked_at', 'api_keys.last_used_at', 'users.portal', 'users.state'])
    .select(['users.deleted_at', 'users.role', 'users.grants', 'users.email_verified_at', 'roles.rights'])

/** A secret with its key and the key's owner, found by the hash of the secret. */
export const secretByHash = compiled<CoreDb, { hash: string }>()((db, p) =>
  withOwner(db).where('api_key_secrets.hash', '=', p('hash')),
)

/** The same for every secret of a key that is accepted: two at the most. */
export const secretsOfKey = compiled<CoreDb, { id: string; now: string }>()((db, p) =>
  withOwner(db)
    .where('api_key_secrets.key_id', '=', p('id'))
    .where((eb) =>
      eb.or([eb('api_key_secrets.ends_at', 'is', null), eb('api_key_secrets.ends_at', '>', p('now'))]),
    ),
)

/** A key as it is found by one of its secrets. */
export type FoundKey = NonNullable<Awaited<ReturnType<typeof secretByHash.first>>>

/** What is wrong with a key, whatever it was found by; null: nothing. */
export const refusalOf = (key: FoundKey, now: Date): CommonErrorCode | null => {
  const moment = now.toISOString()
  if (key.revoked_at !== null) return 'KEY_REVOKED'
  if (key.expires_at <= moment) return 'KEY_EXPIRED'
  if (key.ends_at !== null && key.ends_at <= moment) return 'KEY_REPLACED'
  return key.state === 'active' && key.deleted_at === null ? null : 'KEY_OWNER_INACTIVE'
}

/** Who calls with a key: its owner as they are now, within what the key is limited to. */
export const actorOf = (key: FoundKey, { maxPerMinute, maxBurst }: KeySettings): Actor => ({
  userId: key.user_id,
  loginId: null,
  key: {
    id: key.id,
    // What the server allows may be less than when the key was made.
    limit: { perMinute: Math.min(key.per_minute, maxPerMinute), burst: Math.min(key.burst, maxBurst) },
  },
  role: key.role,
  permissions: permissionsOf(key.role, key.rights, key.grants),
  portal: key.portal,
  scopes: new Set(key.scopes.split(' ')),
  verified: key.email_verified_at !== null,
  provenAt: null,
  impersonatedBy: null,
})
