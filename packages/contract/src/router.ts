import type {
  TRPCBuiltRouter,
  TRPCMutationProcedure,
  TRPCQueryProcedure,
  TRPCSubscriptionProcedure,
} from '@trpc/server'
import type { z } from 'zod'
import type { ErrorShape } from './errors.ts'
import type { Procedure } from './procedure.ts'

interface Definition<I extends z.ZodType, O extends z.ZodType> {
  input: z.input<I>
  output: z.output<O>
  meta: unknown
}

/** The input of a subscription: with the id of the last value that was seen it goes on after it. */
export type Resumable<Input> = Input & { readonly lastEventId?: string | null | undefined }

declare const fields: unique symbol

/** A form that stands for these fields; the type alone knows them, a plain `FormData` fits too. */
export type Form<Fields> = FormData & { readonly [fields]?: Fields }

type ProcedureOf<P> =
  P extends Procedure<infer K, infer I, infer O>
    ? K extends 'query' | 'download'
      ? TRPCQueryProcedure<Definition<I, O>>
      : K extends 'subscription'
        ? TRPCSubscriptionProcedure<{
            input: Resumable<z.input<I>>
            output: AsyncIterable<{ id: string; data: z.output<O> }>
            meta: unknown
          }>
        : K extends 'upload'
          ? TRPCMutationProcedure<{ input: Form<z.input<I>>; output: z.output<O>; meta: unknown }>
          : TRPCMutationProcedure<Definition<I, O>>
    : never

/** The record of tRPC procedure types that a record of contract procedures stands for. */
export type RecordOf<C> = {
  [K in keyof C]: C[K] extends Procedure ? ProcedureOf<C[K]> : RecordOf<C[K]>
}

/** The tRPC router type that a contract stands for: give it to `createTRPCClient<RouterOf<typeof contract>>`. */
export type RouterOf<C> = TRPCBuiltRouter<
  { ctx: object; meta: object; errorShape: ErrorShape; transformer: false },
  RecordOf<C>
>
