import type { contract } from '@plinth/contract'
import { common, type Handler } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import type { CoreDeps } from '../settings.ts'
import { liveKey, toApiKey } from './queries.ts'
import { checkLimits, expiryOf } from './rules.ts'
import { checkScopes, storedScopes } from './scopes.ts'
import { addSecret, endSecrets } from './secrets.ts'

type ApiKeys = typeof contract.core.apiKeys

/** Creates a key of the caller's. */
export const create =
  ({ db, vault, settings: { keys } }: CoreDeps): Handler<ApiKeys['create'], CoreDb> =>
  async ({ input, ctx, fail }) => {
    const { userId } = ctx.actor
    checkScopes(input.scopes)
    checkLimits(input, keys)
    const expiresAt = expiryOf(input.expiresAt, ctx.now, keys)
    // Those that one user creates at once take turns, so that the bound holds. Expired ones count, for they can be renewed.
    await db.dialect.lock(ctx.db, `api-keys:${userId}`)
    const at = ctx.now.toISOString()
    const { count } = await ctx.db
      .selectFrom('api_keys')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('user_id', '=', userId)
      .where('revoked_at', 'is', null)
      .executeTakeFirstOrThrow()
    if (Number(count) >= keys.maxPerUser) fail('KEYS_FULL')
    const key = await ctx.db
      .insertInto('api_keys')
      .values({
        id: ctx.newId('key'),
        user_id: userId,
        name: input.name,
        scopes: storedScopes(input.scopes),
        signed: input.signed,
        per_minute: input.perMinute ?? keys.maxPerMinute,
        burst: input.burst ?? keys.maxBurst,
        expires_at: expiresAt,
        revoked_at: null,
        last_used_at: null,
        last_address: null,
        created_at: at,
        updated_at: at,
        created_by: userId,
        updated_by: userId,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    const secret = await addSecret(ctx.db, key, { vault, now: ctx.now })
    return { ...toApiKey({ ...key, previous_until: null }), secret }
  }

const narrowed = (held: string, asked: readonly string[]): string => {
  const has = new Set(held.split(' '))
  const errors = asked.flatMap((scope, index) =>
    has.has(scope) ? [] : [{ path: `scopes.${index}`, message: 'is not among those that the key has' }],
  )
  if (errors.length > 0) throw common('INVALID_INPUT', { errors })
  return storedScopes(asked)
}

/** Changes a key; it never becomes able to do more than it was made for. */
export const update =
  ({ settings: { keys } }: CoreDeps): Handler<ApiKeys['update'], CoreDb> =>
  async ({ input: { id, name, scopes, perMinute, burst }, ctx, fail }) => {
    const key = (await liveKey(ctx.db, id, ctx.scope, ctx.now)) ?? fail('NOT_FOUND')
    checkLimits({ perMinute, burst }, keys)
    const changes = {
      name: name ?? key.name,
      scopes: scopes ? narrowed(key.scopes, scopes) : key.scopes,
      per_minute: perMinute ?? key.per_minute,
      burst: burst ?? key.burst,
      updated_at: ctx.now.toISOString(),
      updated_by: ctx.actor.userId,
    }
    const { numUpdatedRows } = await ctx.db
      .updateTable('api_keys')
      .set(changes)
      .where('id', '=', id)
      // Scopes that another call took from it meanwhile must not come back.
      .where('scopes', '=', key.scopes)
      .where('revoked_at', 'is', null)
      .executeTakeFirst()
    if (numUpdatedRows === 0n) fail('KEY_CHANGED')
    return toApiKey({ ...key, ...changes })
  }

/** Makes a new secret. Only its owner may: whoever has the secret calls in their name. */
export const rotate =
  ({ vault, settings: { keys } }: CoreDeps): Handler<ApiKeys['rotate'], CoreDb> =>
  async ({ input: { id, overlapSeconds, expiresAt }, ctx, fail }) => {
    const { actor, now } = ctx
    const at = now.toISOString()
    // The row is held from here on: of several rotations each follows the one before.
    const key =
      (await ctx.db
        .updateTable('api_keys')
        .set({ updated_at: at, updated_by: actor.userId })
        .where('id', '=', id)
        .where('user_id', '=', actor.userId)
        .where('revoked_at', 'is', null)
        .returningAll()
        .executeTakeFirst()) ?? fail('NOT_FOUND')
    const end = expiresAt === undefined ? key.expires_at : expiryOf(expiresAt, now, keys)
    if (end <= at)
      fail('INVALID_INPUT', { errors: [{ path: 'expiresAt', message: 'is needed: the key has expired' }] })
    await ctx.db.updateTable('api_keys').set({ expires_at: end }).where('id', '=', id).execute()
    const overlapMs = overlapSeconds === undefined ? keys.overlapMs : overlapSeconds * 1000
    const until = new Date(now.getTime() + overlapMs)
    await endSecrets(ctx.db, id, { now, until })
    const secret = await addSecret(ctx.db, key, { vault, now })
    const previous = overlapMs > 0 ? until.toISOString() : null
    return { ...toApiKey({ ...key, expires_at: end, previous_until: previous }), secret }
  }
