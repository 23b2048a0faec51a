import { z } from 'zod'
import type { Access } from './access.ts'
import type { Errors } from './errors.ts'
import { Moment } from './words/moments.ts'

/** What a procedure does: reads, writes, answers over time, or moves a file down or up. */
export type Kind = 'query' | 'mutation' | 'subscription' | 'download' | 'upload'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** A REST route: method and path below `/api/v1`, with `{name}` for parameters that the input names. */
export type RestRoute = `${Method} /${string}`

/** How often a procedure may be called: a group of the configuration, and optionally an input field that is counted too. */
export interface Limit {
  readonly group: string
  /** An input field (such as `email`) whose value is counted apart from address and user. */
  readonly field?: string
}

/** How long an answer may be reused, and the tags that drop it when a mutation invalidates one. */
export interface CacheRule {
  readonly seconds: number
  readonly tags: readonly string[]
  /** `'user'` keeps one answer per user; `'all'` one for everybody. Left out: `'all'` only when access is public. */
  readonly per?: 'user' | 'all'
}

/** A request and its answer, shown in the document; both are checked against the schemas at start. */
export interface Example<I extends z.ZodType, O extends z.ZodType> {
  readonly input?: z.input<I>
  readonly output: z.output<O>
}

/** Fields that every kind has. Only the first three are needed; the rest have safe defaults. */
interface Spec<I extends z.ZodType, O extends z.ZodType, A extends Access, E extends Errors> {
  /** One sentence in the imperative, without a full stop. */
  readonly summary: string
  readonly input: I
  readonly output: O
  /** One route or several, the first is canonical. Left out, it follows from the position in the contract. */
  readonly rest?: RestRoute | readonly RestRoute[]
  /** Who may call; left out: anybody signed in. */
  readonly access?: A
  /**
   * What a credential that is limited to scopes must hold. Left out, it follows from the name (`products:read` or
   * `products:write`); null: no limited credential will do, such as an API key.
   */
  readonly scope?: string | null
  /** Needs somebody who proved a short while ago who they are; left out: no. */
  readonly fresh?: boolean
  /** Needs a verified email address; left out: no. */
  readonly verified?: boolean
  /** What can go wrong beyond {@link commonErrors}, by code. */
  readonly errors?: E
  /** The limit group of the configuration; left out: `default`. */
  readonly limit?: string | Limit
  /** Why not to use it any more and what to use instead. */
  readonly deprecated?: string
  readonly example?: Example<I, O>
}

interface ReadSpec<I extends z.ZodType, O extends z.ZodType, A extends Access, E extends Errors>
  extends Spec<I, O, A, E> {
  readonly cache?: CacheRule
  /** Writes an audit entry for each read; left out: no. */
  readonly audit?: boolean
  /** Whether the answer may be seconds old: it is then read from a replica, where there is one. Left out: no. */
  readonly mayLag?: boolean
}

interface WriteSpec<
  I extends z.ZodType,
  O extends z.ZodType,
  A extends Access,
  E extends Errors,
  T extends boolean = boolean,
> extends Spec<I, O, A, E> {
  /** Accepts an `Idempotency-Key`; left out: yes. Say no where the answer holds a secret. */
  readonly idempotent?: boolean
  /** Writes an audit entry in the same transaction; left out: yes. */
  readonly audit?: boolean
  /** Runs in one transaction; left out: yes. Say no only for what waits on the outside. */
  readonly transaction?: T
  /** Cache tags that this write drops once it is committed. */
  readonly invalidates?: readonly string[]
}

/** A procedure as data: what is asked, what is answered, and every policy between. */
export interface Procedure<
  K extends Kind = Kind,
  I extends z.ZodType = z.ZodType,
  O extends z.ZodType = z.ZodType,
  A extends Access = Access,
  E extends Errors = Errors,
  T extends boolean = boolean,
> {
  readonly kind: K
  readonly summary: string
  readonly input: I
  readonly output: O
  readonly rest?: RestRoute | readonly RestRoute[]
  readonly access: A
  readonly scope?: string | null
  readonly fresh: boolean
  readonly verified: boolean
  readonly errors: E
  readonly limit?: string | Limit
  readonly cache?: CacheRule
  readonly idempotent: boolean
  readonly audit: boolean
  readonly transaction: T
  readonly invalidates: readonly string[]
  readonly mayLag: boolean
  readonly deprecated?: string
  readonly example?: Example<I, O>
}

/** A tree of procedures; the path to a leaf is its name everywhere. */
export interface ContractRecord {
  readonly [name: string]: Procedure | ContractRecord
}

type NoErrors = Readonly<Record<never, never>>

const define = <
  K extends Kind,
  I extends z.ZodType,
  O extends z.ZodType,
  A extends Access,
  E extends Errors,
  T extends boolean,
>(
  kind: K,
  writes: T,
  spec: ReadSpec<I, O, A, E> & WriteSpec<I, O, A, E, T>,
): Procedure<K, I, O, A, E, T> => ({
  ...spec,
  kind,
  access: spec.access ?? ('user' as A),
  fresh: spec.fresh ?? false,
  verified: spec.verified ?? false,
  errors: spec.errors ?? ({} as E),
  idempotent: spec.idempotent ?? writes,
  audit: spec.audit ?? writes,
  transaction: spec.transaction ?? writes,
  invalidates: spec.invalidates ?? [],
  mayLag: spec.mayLag ?? false,
})

/** Reads, with a read-only handle. */
export const query = <
  I extends z.ZodType,
  O extends z.ZodType,
  const A extends Access = 'user',
  const E extends Errors = NoErrors,
>(
  spec: ReadSpec<I, O, A, E>,
): Procedure<'query', I, O, A, E, false> => define('query', false, spec)

/** Changes, in one transaction, idempotent by key and audited. */
export const mutation = <
  I extends z.ZodType,
  O extends z.ZodType,
  const A extends Access = 'user',
  const E extends Errors = NoErrors,
  const T extends boolean = true,
>(
  spec: WriteSpec<I, O, A, E, T>,
): Procedure<'mutation', I, O, A, E, T> => define('mutation', true as T, spec)

/** Answers many values over time, over SSE or WebSocket; `output` is one value. */
export const subscription = <
  I extends z.ZodType,
  O extends z.ZodType,
  const A extends Access = 'user',
  const E extends Errors = NoErrors,
>(
  spec: Omit<Spec<I, O, A, E>, 'rest'>,
): Procedure<'subscription', I, O, A, E, false> => define('subscription', false, spec)

/** What a download answers over tRPC: where to fetch the bytes, for a short while, without a token. */
export const SignedUrl = z.object({
  url: z.string().describe('Relative to the server; needs no token'),
  expiresAt: Moment,
})

/** Answers bytes over REST, and over tRPC a {@link SignedUrl} to fetch them from. */
export const download = <
  I extends z.ZodType,
  const A extends Access = 'user',
  const E extends Errors = NoErrors,
>(
  spec: Omit<ReadSpec<I, typeof SignedUrl, A, E>, 'output'>,
): Procedure<'download', I, typeof SignedUrl, A, E, false> =>
  define('download', false, { ...spec, output: SignedUrl })

/** Takes a file: multipart over REST, `FormData` over tRPC. Its input has a `z.file()` field. */
export const upload = <
  I extends z.ZodType,
  O extends z.ZodType,
  const A extends Access = 'user',
  const E extends Errors = NoErrors,
>(
  spec: WriteSpec<I, O, A, E, true>,
): Procedure<'upload', I, O, A, E, true> => define('upload', true, spec)
