import { randomUUID } from 'node:crypto'
import type { Database, WriteDb } from '@plinth/db'
import type { Logger } from 'pino'
import { common } from '../failure.ts'
import type { Clock } from '../ports.ts'
import { PURGE_BATCH, purgeInBatches } from '../schedules/batches.ts'
import type { KitTables } from '../tables.ts'
import type { KeyedRequest } from './idempotency-key.ts'

// How long a call without a transaction may hold its key before another may take it over, in milliseconds.
const LEASE_MS = 60_000

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

interface KeyRow {
  readonly answer: string | null
  readonly claim: string | null
  readonly now: Date
  readonly lifeMs: number
}

/** Writes the row of a key; with a claim of its own only where no other one has taken the key over. */
const keep = async (
  db: WriteDb<KitTables>,
  request: KeyedRequest,
  row: KeyRow,
  own?: string,
): Promise<void> => {
  const values = {
    request_hash: request.requestHash,
    answer: row.answer,
    claim: row.claim,
    created_at: row.now.toISOString(),
    expires_at: new Date(row.now.getTime() + row.lifeMs).toISOString(),
  }
  await db
    .insertInto('idempotency_keys')
    .values({ principal: request.principal, key: request.key, ...values })
    .onConflict((conflict) => {
      const update = conflict.columns(['principal', 'key']).doUpdateSet(values)
      return own === undefined ? update : update.where('idempotency_keys.claim', '=', own)
    })
    .execute()
}

interface ReplayDeps {
  readonly db: Database<KitTables>
  readonly clock: Clock
  readonly lifeMs: number
}

interface ClaimDeps extends ReplayDeps {
  readonly log: Logger
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
  keep(db, request, { answer, claim: null, now: deps.clock.now(), lifeMs: deps.lifeMs })

/**
 * For a procedure without a transaction of its own: claims the key for a minute, does the work, keeps its answer.
 * A failure gives the key back, so that the request can be tried again; work that was done never does.
 */
export const claimed = async (
  request: KeyedRequest,
  deps: ClaimDeps,
  work: () => Promise<string>,
): Promise<{ json: string; replayed: boolean }> => {
  const { db, clock, lifeMs, log } = deps
  const claim = randomUUID()
  const before = await db.transaction(async (trx) => {
    const answer = await replay(trx, request, deps)
    if (answer === null) await keep(trx, request, { answer: null, claim, now: clock.now(), lifeMs: LEASE_MS })
    return answer
  })
  if (before !== null) return { json: before, replayed: true }
  const told = (message: string) => (err: unknown) => log.warn({ err }, message)
  let json: string
  try {
    json = await work()
  } catch (error) {
    await release(db, request, claim).catch(told('the key of a failed request could not be given back'))
    throw error
  }
  // It was done: telling a failure now would have it done once more.
  await db
    .transaction((trx) => keep(trx, request, { answer: json, claim, now: clock.now(), lifeMs }, claim))
    .catch(told('the answer to a keyed request could not be kept'))
  return { json, replayed: false }
}

const release = (db: Database<KitTables>, { principal, key }: KeyedRequest, claim: string) =>
  db.transaction((trx) =>
    trx
      .deleteFrom('idempotency_keys')
      .where('principal', '=', principal)
      .where('key', '=', key)
      .where('claim', '=', claim)
      .execute(),
  )

/** Deletes keys that have expired, a batch at a time; answers how many. */
export const purgeKeys = (db: Database<KitTables>, now: Date, signal: AbortSignal): Promise<number> => {
  const moment = now.toISOString()
  return purgeInBatches(db, signal, (trx) => {
    const old = trx
      .selectFrom('idempotency_keys')
      .select(['principal', 'key'])
      .where('expires_at', '<=', moment)
      .orderBy('expires_at')
      .limit(PURGE_BATCH)
    return (
      trx
        .deleteFrom('idempotency_keys')
        .where(({ eb, refTuple }) => eb(refTuple('principal', 'key'), 'in', old.$asTuple('principal', 'key')))
        // Once more, for a key that is claimed anew meanwhile.
        .where('expires_at', '<=', moment)
        .executeTakeFirst()
    )
  })
}
