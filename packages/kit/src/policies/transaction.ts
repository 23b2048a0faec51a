import type { Procedure } from '@plinth/contract'
import { type Database, isUnavailable, type WriteDb } from '@plinth/db'
import type { AnyContext } from '../context.ts'
import { Failure } from '../failure.ts'
import type { Tracer } from '../ports/tracing.ts'
import type { Jobs, NewJob } from '../ports.ts'
import type { KitTables } from '../tables.ts'
import { type AuditNote, writeAudit } from './audit.ts'
import { remember, replay } from './idempotency.ts'
import type { KeyedRequest } from './idempotency-key.ts'
import { type NewEvent, writeOutbox } from './outbox.ts'

/** What a handler has asked to be written with its own rows. */
export interface Effects {
  readonly events: NewEvent[]
  readonly jobs: NewJob[]
  readonly note: AuditNote
  /** Set-Cookie values, sent only when the handler succeeds. */
  readonly cookies: string[]
}

/** A clean sheet for one try of a handler. */
export const noEffects = (): Effects => ({ events: [], jobs: [], note: {}, cookies: [] })

/** An encoded answer; `replayed` when it was given before. */
export interface Written {
  readonly json: string
  readonly replayed: boolean
  readonly effects: Effects
}

/** A failure that was committed with what had been written before it, or may have been. */
interface Refused {
  readonly refusal: Error
  readonly effects: Effects
}

interface TransactionDeps {
  readonly db: Database<KitTables>
  readonly jobs: Jobs
  readonly tracer: Tracer | null
  readonly clock: { now(): Date }
  readonly settings: { readonly idempotencyMs: number }
}

interface Work {
  readonly input: unknown
  readonly keyed: KeyedRequest | null
  /** Made anew for each try: a transaction that is run again must not write its effects twice. */
  context(db: WriteDb<KitTables>, effects: Effects): AnyContext
  handle(ctx: AnyContext): Promise<unknown>
  encode(output: unknown): string
}

/** Writes what the handler asked for, in its transaction: audit entry, events, jobs. */
const writeEffects = async (
  db: WriteDb<KitTables>,
  ctx: AnyContext,
  effects: Effects,
  { jobs, tracer }: Pick<TransactionDeps, 'jobs' | 'tracer'>,
  audit: { input: unknown; output: unknown; refusal: string | null } | null,
): Promise<void> => {
  if (audit) await writeAudit(db, ctx, effects.note, audit)
  await writeOutbox(db, effects.events, ctx.now, tracer?.current()?.traceparent ?? null)
  if (effects.jobs.length > 0) await jobs.enqueue(db, effects.jobs, ctx.now)
}

/**
 * Prepares the one transaction of a mutation: what the handler writes, its audit entry, its events and jobs, and the
 * record of its idempotency key commit together or not at all.
 */
export const prepareTransaction = (procedure: Procedure, deps: TransactionDeps) => {
  const { db, clock, settings } = deps
  const replayDeps = { db, clock, lifeMs: settings.idempotencyMs }
  const attempt = async (
    trx: WriteDb<KitTables>,
    work: Work,
    tries: Effects[],
  ): Promise<Written | Refused> => {
    const before = work.keyed && (await replay(trx, work.keyed, replayDeps))
    if (typeof before === 'string') return { json: before, replayed: true, effects: noEffects() }
    const effects = noEffects()
    tries.push(effects)
    const ctx = work.context(trx, effects)
    const entry = (output: unknown, refusal: string | null) =>
      procedure.audit ? { input: work.input, output, refusal } : null
    try {
      const output = await work.handle(ctx)
      const json = work.encode(output)
      await writeEffects(trx, ctx, effects, deps, entry(output, null))
      if (work.keyed) await remember(trx, work.keyed, json, replayDeps)
      return { json, replayed: false, effects }
    } catch (error) {
      if (!(error instanceof Failure && error.commit)) throw error
      await writeEffects(trx, ctx, effects, deps, entry(undefined, error.code))
      return { refusal: error, effects }
    }
  }
  return async (work: Work): Promise<Written | Refused> => {
    const tries: Effects[] = []
    try {
      return await db.transaction((trx) => attempt(trx, work, tries))
    } catch (error) {
      const effects = tries.at(-1)
      // A connection that breaks at the commit leaves open what became of it.
      if (effects && isUnavailable(error)) return { refusal: error, effects }
      throw error
    }
  }
}

/** For a procedure without a transaction around it: its effects in one of their own, after the handler. */
export const writeAfter = async (
  procedure: Procedure,
  deps: TransactionDeps,
  done: { ctx: AnyContext; effects: Effects; input: unknown; output: unknown },
): Promise<void> => {
  const audit = procedure.audit ? { input: done.input, output: done.output, refusal: null } : null
  await deps.db.transaction((db) => writeEffects(db, done.ctx, done.effects, deps, audit))
}
