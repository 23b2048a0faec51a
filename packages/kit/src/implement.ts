import type { CommonErrorCode, Procedure } from '@plinth/contract'
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
  ? AsyncIterable<z.input<O> | TrackedEnvelope<z.input<O>>>
  : K extends 'download'
    ? Promise<FileAnswer>
    : Promise<z.input<O>>

/** The function that answers one procedure. */
export type Handler<P, DB> =
  P extends Procedure<infer K, infer I, infer O, infer A, infer E, infer T>
    ? (call: {
        readonly input: z.output<I>
        readonly ctx: Context<DB, K, A, T>
        readonly fail: Fail<(keyof E & string) | CommonErrorCode>
      }) => Result<K, O>
    : never

/** One handler for each procedure of a record, no more and no fewer. */
export type Handlers<C, DB> = {
  readonly [K in keyof C]: C[K] extends Procedure ? Handler<C[K], DB> : Handlers<C[K], DB>
}

type CodesOf<C> = { [K in keyof C]: C[K] extends Procedure<infer _K, infer _I, infer _O, infer _A, infer E> ? keyof E & string : never }[keyof C]

/** The error that stands for a unique column: `{ 'users.email': 'EMAIL_TAKEN' }`; several columns are joined by a comma. */
export type UniqueErrors<C> = Readonly<Record<string, CodesOf<C>>>

/** A handler once its types have done their work: the kit calls all of them alike. */
export type AnyHandler = (call: { input: unknown; ctx: AnyContext; fail: Fail<string> }) => unknown

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
