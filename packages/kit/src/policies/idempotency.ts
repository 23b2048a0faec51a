import { hash } from 'node:crypto'
import { type Procedure, shapeOf } from '@plinth/contract'
import type { Database, WriteDb } from '@plinth/db'
import type { z } from 'zod'
import type { Exchange } from '../exchange.ts'
import { common } from '../failure.ts'
import type { Actor, Clock } from '../ports.ts'
import type { KitTables } from '../tables.ts'

// How long a call without a transaction may hold its key before another may take it over, in milliseconds.
const LEASE_MS = 60_000

/** A keyed request: whose key it is, and a hash that tells another request with the same key apart. */
export interface KeyedRequest {
  readonly principal: string
  readonly key: string
  readonly requestHash: string
}

const secretFields = (schema: z.ZodType): ReadonlySet<string> =>
  new Set(Object.entries(shapeOf(schema)).flatMap(([key, field]) => (isSecret(field) ? [key] : [])))

const isSecret = (field: z.ZodType): boolean => field.meta()?.format === 'password'

/**
 * Prepares how the key of a request is read, if it has one. Keys of different users never meet. Passwords are left
 * out of the hash: it is a fast one, and would let them be guessed from a stolen table.
 */
export const prepareKeyed = (name: string, procedure: Procedure) => {
  const secrets = secretFields(procedure.input)
  const shown = (field: string, value: unknown): unknown => {
    if (value instanceof File) return [value.name, value.type, value.size]
    return secrets.has(field) ? undefined : value
  }
  return (
    exchange: Exchange,
    call: { input: unknown; actor: Actor | null; index: number },
  ): KeyedRequest | null => {
    const given = exchange.header('idempotency-key')
    if (given === undefined || !procedure.idempotent) return null
    if (!/^[\x21-\x7e]{1,255}$/.test(given)) {
      const errors = [{ path: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters' }]
      throw common('IDEMPOTENCY_KEY_INVALID', { errors })
    }
    return {
      principal: call.actor?.userId ?? `address:${exchange.address}`,
      key: call.index === 0 ? given : `${given}#${call.index}`,
      requestHash: hash('sha256', `${name}\n${JSON.stringify(call.input, shown)}`, 'hex'),
    }
  }
}

/** Keys that this process works on now: a second request with one of them is told so instead of waiting. */
export const createInProgress = () => {
  const running = new Set<string>()
  return async <R>({ principal, key }: KeyedRequest, work: () => Promise<R>): Promise<R> => {
    const name = `${principal}\n${key}`
    if (running.has(name)) throw common('IDEMPOTENCY_IN_PROGRESS', { headers: { 'retry-after': '1' } })
    running.add(name)
    try {
      return await work()
    } finally {
      running.delete(name)
    }
  }
}

const stored = async (db: WriteDb<KitTables>, request: KeyedRequest, now: Date) => {
  const row = await db
    .selectFrom('idempotency_keys')
    .select(['request_hash', 'answer', 'expires_at'])
    .where('principal', '=', request.principal)
    .where('key', '=', request.key)
    .executeTakeFirst()
  if (!row || row.expires_at <= now.toISOString()) return null
  if (row.request_hash !== request.requestHash) throw common('IDEMPOTENCY_KEY_REUSED')
  if (row.answer === null) throw common('IDEMPOTENCY_IN_PROGRESS', { headers: { 'retry-after': '1' } })
  return row.answer
}

const keep = async (
  db: WriteDb<KitTables>,
  request: KeyedRequest,
  row: { answer: string | null; now: Date; lifeMs: number },
): Promise<void> => {
  const values = {
    request_hash: request.requestHash,
    answer: row.answer,
    created_at: row.now.toISOString(),
    expires_at: new Date(row.now.getTime() + row.lifeMs).toISOString(),
  }
  await db
    .insertInto('idempotency_keys')
    .values({ principal: request.principal, key: request.key, ...values })
    .onConflict((conflict) => conflict.columns(['principal', 'key']).doUpdateSet(values))
    .execute()
}

interface ReplayDeps {
  readonly db: Database<KitTables>
  readonly clock: Clock
  readonly lifeMs: number
}

/** The first half, inside the transaction: the answer given before, or null when this request is the first. */
export const replay = async (
  db: WriteDb<KitTables>,
  request: KeyedRequest,
  deps: ReplayDeps,
): Promise<string | null> => {
  const alone = await deps.db.dialect.tryLock(db, `idempotency:${request.principal}:${request.key}`)
  if (!alone) throw common('IDEMPOTENCY_IN_PROGRESS', { headers: { 'retry-after': '1' } })
  return stored(db, request, deps.clock.now())
}

/** The second half, in the same transaction: keeps the answer with what it tells of. */
export const remember = (db: WriteDb<KitTables>, request: KeyedRequest, answer: string, deps: ReplayDeps) =>
  keep(db, request, { answer, now: deps.clock.now(), lifeMs: deps.lifeMs })

/**
 * For a procedure without a transaction of its own: claims the key for a minute, does the work, keeps its answer.
 * A failure gives the key back, so that the request can be tried again.
 */
export const claimed = async (
  request: KeyedRequest,
  deps: ReplayDeps,
  work: () => Promise<string>,
): Promise<{ json: string; replayed: boolean }> => {
  const before = await deps.db.transaction(async (db) => {
    const answer = await replay(db, request, deps)
    if (answer === null) await keep(db, request, { answer: null, now: deps.clock.now(), lifeMs: LEASE_MS })
    return answer
  })
  if (before !== null) return { json: before, replayed: true }
  try {
    const json = await work()
    await deps.db.transaction((db) => remember(db, request, json, deps))
    return { json, replayed: false }
  } catch (error) {
    await deps.db.transaction((db) => release(db, request))
    throw error
  }
}

const release = (db: WriteDb<KitTables>, { principal, key }: KeyedRequest) =>
  db.deleteFrom('idempotency_keys').where('principal', '=', principal).where('key', '=', key).execute()

/** Deletes keys that have expired; answers how many. */
export const purgeKeys = async (db: WriteDb<KitTables>, now: Date): Promise<number> => {
  const result = await db
    .deleteFrom('idempotency_keys')
    .where('expires_at', '<=', now.toISOString())
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}
