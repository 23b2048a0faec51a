import type { CommonErrorCode, Kind, Procedure, Resumable } from '@plinth/contract'
import type { TrackedEnvelope } from '@trpc/server'
import type { z } from 'zod'
import type { AnyContext, Context } from './context.ts'
import type { Fail } from './failure.ts'

/** The bytes that a download answers. */
export interface FileAnswer {
  readonly body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>
  readonly contentType: string
  /** The name that a browser saves it under. */
  readonly filename: string
}

type Result<K, O extends z.ZodType> = K extends 'subscription'
  ? AsyncIterable<TrackedEnvelope<z.input<O>>>
  : K extends 'download'
    ? Promise<FileAnswer>
    : Promise<z.input<O>>

type Given<K extends Kind, I extends z.ZodType> = K extends 'subscription'
  ? Resumable<z.output<I>>
  : z.output<I>

/** What a handler is called with. */
interface HandlerCall<Input, Ctx, Code extends string> {
  readonly input: Input
  readonly ctx: Ctx
  readonly fail: Fail<Code | CommonErrorCode>
}

/**
 * A handler whose long work (a password hash) must not hold the transaction: `prepare` does it before, with the
 * read-only handle, and answers the handler that then runs inside. It runs again for a replayed request, so it must
 * have no effects unless the procedure keeps no answers by key (`idempotent: false`), and what depends on stored rows is
 * refused by the handler that it answers.
 */
interface PreparedHandler<Prepare, Handle> {
  prepare(call: Prepare): Promise<Handle>
}

/** What answers one procedure: a function, or for a write with a transaction one that is prepared before it. */
export type Handler<P, DB> =
  P extends Procedure<infer K, infer I, infer O, infer A, infer E, infer T>
    ?
        | ((call: HandlerCall<Given<K, I>, Context<DB, K, A, T>, keyof E & string>) => Result<K, O>)
        | ([K, T] extends ['mutation' | 'upload', true]
            ? PreparedHandler<
                HandlerCall<z.output<I>, Context<DB, 'query', A, false>, keyof E & string>,
                (call: HandlerCall<z.output<I>, Context<DB, K, A, T>, keyof E & string>) => Result<K, O>
              >
            : never)
    : never

/** One handler for each procedure of a record, no more and no fewer. */
export type Handlers<C, DB> = {
  readonly [K in keyof C]: C[K] extends Procedure ? Handler<C[K], DB> : Handlers<C[K], DB>
}

type CodesOf<C> = {
  [K in keyof C]: C[K] extends Procedure<infer _K, infer _I, infer _O, infer _A, infer E>
    ? keyof E & string
    : never
}[keyof C]

/** The error that stands for a unique column: `{ 'users.email': 'EMAIL_TAKEN' }`; several columns are joined by a comma. */
export type UniqueErrors<C> = Readonly<Record<string, CodesOf<C>>>

type AnyCall = HandlerCall<unknown, AnyContext, string>

/** A handler once its types have done their work: the kit calls all of them alike. */
export type AnyHandler = ((call: AnyCall) => unknown) | PreparedHandler<AnyCall, (call: AnyCall) => unknown>

/** A module of the contract with its handlers. */
export interface Implementation {
  readonly contract: Readonly<Record<string, Procedure>>
  readonly handlers: Readonly<Record<string, AnyHandler>>
  readonly unique: Readonly<Record<string, string>>
}

/**
 * Makes the `implement` of one system: it binds a module of the contract to handlers over that system's tables.
 * A handler that is missing, extra or of the wrong type does not compile.
 */
export const implementer =
  <DB>() =>
  <const C extends Readonly<Record<string, Procedure>>>(
    contract: C,
    handlers: Handlers<C, DB>,
    unique: UniqueErrors<C> = {},
  ): Implementation => ({
    contract,
    // Handlers differ in what they take by procedure; the pipeline gives each what its contract says.
    handlers: handlers as unknown as Readonly<Record<string, AnyHandler>>,
    unique,
  })
