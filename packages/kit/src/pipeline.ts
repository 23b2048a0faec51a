import type { Procedure } from '@plinth/contract'
import type { ReadDb } from '@plinth/db'
import type { KitDeps } from './deps.ts'
import type { Exchange } from './exchange.ts'
import { common, type Fail, type Failure, failWith } from './failure.ts'
import type { AnyHandler } from './implement.ts'
import { makeContext } from './make-context.ts'
import { type Admission, prepareAccess } from './policies/access.ts'
import { principalOf } from './policies/actor.ts'
import { prepareCache } from './policies/cache.ts'
import { prepareErrors } from './policies/errors.ts'
import { claimed, type createInProgress } from './policies/idempotency.ts'
import { type KeyedRequest, prepareKeyed } from './policies/idempotency-key.ts'
import { prepareInput, prepareResumableInput } from './policies/input.ts'
import { prepareOutput } from './policies/output.ts'
import { prepareLimit } from './policies/rate-limit.ts'
import type { Remember } from './policies/remember.ts'
import { prepareSettle, watchWrites } from './policies/settle.ts'
import { noEffects, prepareTransaction, writeAfter } from './policies/transaction.ts'
import { type DownloadTicket, signDownload } from './signed-download.ts'
import type { KitTables } from './tables.ts'
import { prepareSpans } from './tracing/calls.ts'
import { type FormLimits, formLimitsOf } from './wire/form.ts'

/** One call of one procedure: the request it came in, how its input is read, and its place in a batch. */
export interface Call {
  readonly exchange: Exchange
  readonly wire: 'rest' | 'trpc' | 'stream'
  readonly index: number
  readInput(): unknown
}

/** An encoded answer, with its entity tag where that is known already. */
export interface Answer {
  readonly json: string
  readonly etag?: string
}

/** A procedure with all its policies, prepared once at start. */
export interface Prepared {
  readonly name: string
  readonly procedure: Procedure
  /** The files that its input takes. */
  readonly files: FormLimits
  /** Answers the call, or throws a {@link Failure}: never anything else. */
  call(call: Call): Promise<Answer>
  /** For subscriptions and downloads: what the handler itself answers, after all policies before it. */
  open(call: Call): Promise<unknown>
  /** What a download answers to whom it was signed for. */
  redeem(call: Call, ticket: DownloadTicket): Promise<unknown>
  /** Computes and keeps the answer to an input ahead of those who ask; null where none is kept for everybody. */
  readonly warm: ((exchange: Exchange, input: unknown) => Promise<void>) | null
}

/** What the kit is given, and what it makes of that once for all procedures. */
export interface ServiceDeps extends KitDeps {
  readonly remember: Remember
}

interface Parts {
  readonly name: string
  readonly procedure: Procedure
  readonly handler: AnyHandler
  readonly fail: Fail<string>
  readonly deps: ServiceDeps
  readonly inProgress: ReturnType<typeof createInProgress>
}

/** An admitted call with its checked input. */
interface Ready extends Admission {
  readonly call: Call
  readonly exchange: Exchange
  readonly input: unknown
}

const prepareDoor = ({ name, procedure, deps }: Parts) => {
  const limit = prepareLimit(name, procedure, deps)
  const admit = prepareAccess(name, procedure, deps)
  const { guard = null } = deps
  const check = (procedure.kind === 'subscription' ? prepareResumableInput : prepareInput)(procedure.input)
  const enter = async (call: Call): Promise<Ready> => {
    const { exchange } = call
    guard?.enter(exchange, name)
    const found = principalOf(exchange, deps.authenticator, deps.clock)
    const principal = found instanceof Promise ? await found : found
    const limited = limit.before(exchange, principal)
    if (limited) await limited
    // A request that is over its limit may come again as it is.
    if (principal.claim && !(await principal.claim())) throw common('NONCE_USED')
    const { actor, scope } = admit(exchange, principal)
    const raw = call.readInput()
    const input = check(raw instanceof Promise ? await raw : raw)
    const counted = limit.after(exchange, input)
    if (counted) await counted
    return { call, exchange, actor, scope, input }
  }
  // By address alone: whoever holds a signed address must not use up what its user may do.
  const enterSigned = async ({ exchange }: Call): Promise<void> => {
    guard?.enter(exchange, name)
    return limit.before(exchange, { actor: null, source: 'none', refusal: null })
  }
  return { enter, enterSigned }
}

/** A handler as one function; where no transaction stands between its two steps, they follow one another. */
const inOneStep = (handler: AnyHandler): Extract<AnyHandler, (...given: never[]) => unknown> =>
  typeof handler === 'function' ? handler : async (given) => (await handler.prepare(given))(given)

const fixedFor = (name: string, { settings, remember }: ServiceDeps) => ({
  procedure: name,
  secureCookies: settings.secureCookies,
  remember,
})

const prepareRead = ({ name, procedure, handler, fail, deps }: Parts) => {
  const fixed = fixedFor(name, deps)
  const encode = prepareOutput(name, procedure.output)
  const cached = deps.settings.cacheOn ? prepareCache(name, procedure, deps) : null
  const answer = inOneStep(handler)
  const handleOn = (ready: Omit<Ready, 'call'>, db: ReadDb<KitTables>) => {
    const ctx = makeContext(fixed, ready.exchange, ready, deps.clock.now(), db, noEffects())
    return answer({ input: ready.input, ctx, fail })
  }
  const replica = procedure.mayLag ? deps.replica : null
  const handle = (ready: Omit<Ready, 'call'>) =>
    replica ? replica.read(async (db) => handleOn(ready, db)) : handleOn(ready, deps.db.read)
  const compute = async (ready: Omit<Ready, 'call'>) => encode(await handle(ready))
  const run = cached
    ? (ready: Ready) => cached.answer(ready.exchange, ready.actor, ready.input, () => compute(ready))
    : async (ready: Ready): Promise<Answer> => ({ json: encode(await handle(ready)) })
  const refresh = procedure.kind === 'query' ? cached?.refresh : null
  const check = prepareInput(procedure.input)
  const warm = async (exchange: Exchange, raw: unknown): Promise<void> => {
    const ready = { exchange, actor: null, scope: null, input: check(raw) }
    await refresh?.(exchange, ready.input, () => compute(ready))
  }
  return { handle, run, warm: refresh ? warm : null }
}

const prepareWrite = (parts: Parts) => {
  const { name, procedure, handler, fail, deps } = parts
  const fixed = fixedFor(name, deps)
  const encode = prepareOutput(name, procedure.output)
  const inTransaction = prepareTransaction(procedure, deps)
  const readKey = prepareKeyed(name, procedure, deps.settings.secret)
  const settle = prepareSettle(name, procedure, deps)
  const before = (ready: Ready, now: Date) => {
    if (typeof handler === 'function') return handler
    const ctx = makeContext(fixed, ready.exchange, ready, now, deps.db.read, noEffects())
    return handler.prepare({ input: ready.input, ctx, fail })
  }
  const transacted = async (ready: Ready, keyed: KeyedRequest | null): Promise<Answer> => {
    const now = deps.clock.now()
    const answer = await before(ready, now)
    const done = await inTransaction({
      input: ready.input,
      keyed,
      context: (db, fresh) => makeContext(fixed, ready.exchange, ready, now, db, fresh),
      handle: async (ctx) => answer({ input: ready.input, ctx, fail }),
      encode,
    })
    if ('refusal' in done) {
      await settle.failed(ready.exchange, done.effects)
      throw done.refusal
    }
    if (done.replayed) ready.exchange.answerHeaders['idempotency-replayed'] = 'true'
    else await settle.done(ready.exchange, done.effects)
    return { json: done.json }
  }
  const outside = async (ready: Ready, keyed: KeyedRequest | null): Promise<Answer> => {
    const answer = inOneStep(handler)
    const work = async () => {
      const effects = noEffects()
      const writes = watchWrites(deps.db)
      const base = makeContext(fixed, ready.exchange, ready, deps.clock.now(), deps.db.read, effects)
      const ctx = Object.assign(base, { transaction: writes.transaction })
      try {
        const output = await answer({ input: ready.input, ctx, fail })
        const json = encode(output)
        await writeAfter(procedure, deps, { ctx, effects, input: ready.input, output })
        await settle.done(ready.exchange, effects)
        return json
      } catch (error) {
        if (writes.mayHave()) await settle.failed(ready.exchange, effects)
        throw error
      }
    }
    if (!keyed) return { json: await work() }
    const { db, clock, settings } = deps
    const { log } = ready.exchange
    const claimDeps = { db, clock, lifeMs: settings.idempotencyMs, log }
    const { json, replayed } = await claimed(keyed, claimDeps, work)
    if (replayed) ready.exchange.answerHeaders['idempotency-replayed'] = 'true'
    return { json }
  }
  const once = procedure.transaction ? transacted : outside
  return async (ready: Ready): Promise<Answer> => {
    const { exchange, actor, input, call } = ready
    const given = procedure.idempotent ? exchange.header('idempotency-key') : undefined
    if (given === undefined) return once(ready, null)
    const keyed = await readKey(given, exchange, { input, actor, index: call.index })
    return parts.inProgress(keyed, () => once(ready, keyed))
  }
}

const prepareSign =
  ({ name, deps }: Parts) =>
  async ({ actor, scope, input }: Ready): Promise<Answer> => ({
    json: JSON.stringify(signDownload({ name, input, actor, scope }, deps.settings.secret, deps.clock.now())),
  })

const runnerOf = (
  parts: Parts,
  read: ReturnType<typeof prepareRead>,
): ((ready: Ready) => Promise<Answer>) => {
  const { kind } = parts.procedure
  if (kind === 'download') return prepareSign(parts)
  return kind === 'mutation' || kind === 'upload' ? prepareWrite(parts) : read.run
}

const prepareWatch = ({ name, deps }: Parts) => {
  const { answers, slowAnswers } = deps.metrics
  const slow = slowAnswers.labels(name)
  const good = {
    rest: answers.series(name, 'rest', '200'),
    trpc: answers.series(name, 'trpc', '200'),
    stream: answers.series(name, 'stream', '200'),
  }
  // The log of an exchange is made when it is first asked for: only what has something to say does.
  const tell = ({ exchange, wire }: Call, failure: Failure, ms: number): void => {
    answers.series(name, wire, String(failure.status)).observe(ms / 1000)
    deps.guard?.failed(exchange, name, failure)
    const { kind } = failure.spec
    if (kind === 'internal') exchange.log.error({ procedure: name, err: failure.cause }, 'procedure failed')
    if (kind === 'unavailable') exchange.log.warn({ procedure: name, err: failure.cause }, 'unavailable')
  }
  return (call: Call, startedAt: number, failure: Failure | null): void => {
    const ms = performance.now() - startedAt
    if (failure) tell(call, failure, ms)
    else good[call.wire].observe(ms / 1000)
    if (ms < deps.settings.slowAnswerMs) return
    slow.inc()
    call.exchange.log.warn({ procedure: name, ms: Math.round(ms) }, 'slow answer')
  }
}

/** Prepares a procedure: every policy of its contract, in the one fixed order, bound to its handler. */
export const prepare = (
  name: string,
  procedure: Procedure,
  handler: AnyHandler,
  unique: Readonly<Record<string, string>>,
  deps: ServiceDeps,
  inProgress: ReturnType<typeof createInProgress>,
): Prepared => {
  const fail = failWith(procedure.errors)
  const parts: Parts = { name, procedure, handler, fail, deps, inProgress }
  const { enter, enterSigned } = prepareDoor(parts)
  const read = prepareRead(parts)
  const run = runnerOf(parts, read)
  const toFailure = prepareErrors(fail, unique, procedure.errors)
  const watch = prepareWatch(parts)
  const traced = prepareSpans(name, deps.tracer)
  const guarded =
    <R, More extends unknown[]>(work: (call: Call, ...more: More) => Promise<R>) =>
    async (call: Call, ...more: More): Promise<R> => {
      const startedAt = performance.now()
      const { exchange } = call
      exchange.procedure = exchange.procedure === undefined ? name : `${exchange.procedure},${name}`
      try {
        const result = await work(call, ...more)
        watch(call, startedAt, null)
        return result
      } catch (error) {
        const failure = toFailure(error)
        watch(call, startedAt, failure)
        throw failure
      }
    }
  return {
    name,
    procedure,
    files: formLimitsOf(procedure.input),
    warm: read.warm,
    call: traced(guarded(async (call) => run(await enter(call)))),
    open: traced(guarded(async (call) => read.handle(await enter(call)))),
    redeem: traced(
      guarded(async (call, ticket: DownloadTicket) => {
        await enterSigned(call)
        return read.handle({ exchange: call.exchange, ...ticket })
      }),
    ),
  }
}
