import type { Access, IdPrefix, Kind, Own } from '@plinth/contract'
import type { ReadDb, WriteDb } from '@plinth/db'
import type { Logger } from 'pino'
import type { Remembered } from './policies/remember.ts'
import type { Actor, NewJob } from './ports.ts'

/** Whose records a call may touch: everybody's, or only those of `userId`. */
export interface Scope {
  readonly all: boolean
  readonly userId: string
}

type ActorOf<A extends Access> = A extends 'public' ? Actor | null : Actor
type ScopeOf<A extends Access> = A extends Own ? Scope : null
type Writes<K extends Kind> = K extends 'mutation' | 'upload' ? true : false

/** What a cookie is set with; the kit adds HttpOnly, SameSite=Lax, and Secure outside localhost. */
export interface CookieOptions {
  readonly path: string
  readonly expires: Date
}

/** What every handler gets, whatever its procedure. */
interface BaseContext {
  /** Full name of the procedure, such as `commerce.orders.cancel`. */
  readonly procedure: string
  readonly requestId: string
  /** The moment of the call; the same for everything that it writes. */
  readonly now: Date
  readonly log: Logger
  readonly address: string
  readonly userAgent: string | null
  readonly signal: AbortSignal
  /** A new id, sortable by the moment of the call. */
  newId(prefix: IdPrefix): string
  /** The value of a request cookie. */
  cookie(name: string): string | undefined
  /** Sets a cookie with the answer; a null value removes it. */
  setCookie(name: string, value: string | null, options: CookieOptions): void
  /** Marks the answer as reduced, for want of this part: it carries `x-degraded` and is not kept by the cache. */
  degraded(part: string): void
}

/** What a handler that reads gets on top. */
interface ReadContext {
  /**
   * Gives a result that costs much and is the same for everybody, computed once for all who wait for it. Only what
   * the tags' writes change may go into it, and nothing of the caller's.
   */
  remember<R>(what: Remembered, compute: () => Promise<R>): Promise<R>
}

/** What a handler that writes gets on top; all of it commits or none. */
interface WriteContext {
  /** Tells of something that happened, once this is committed. The payload is plain JSON without secrets. */
  emit(type: string, payload: Readonly<Record<string, unknown>>): void
  /** Adds a job that exists only if this commits. */
  enqueue(job: NewJob): void
  /** Names what was changed in the audit entry, where it is not `input.id` or `output.id`; and who, where nobody is signed in. */
  audit(entry: { readonly target?: string; readonly actorId?: string }): void
}

/** What a handler that waits on the outside gets instead of one transaction around it. */
interface OutsideContext<DB> {
  transaction<R>(work: (db: WriteDb<DB>) => Promise<R>): Promise<R>
}

/** The context of a handler, as its procedure's kind, access and transaction say. */
export type Context<DB, K extends Kind, A extends Access, T extends boolean> = BaseContext & {
  readonly actor: ActorOf<A>
  readonly scope: ScopeOf<A>
  /** Read-only in a query; the transaction in a mutation. */
  readonly db: T extends true ? WriteDb<DB> : ReadDb<DB>
} & (Writes<K> extends true ? WriteContext : ReadContext) &
  (Writes<K> extends true ? (T extends false ? OutsideContext<DB> : unknown) : unknown)

/** The context of any handler as the kit makes it; each handler's type shows only its part. */
export type AnyContext = BaseContext &
  ReadContext &
  WriteContext & { readonly actor: Actor | null; readonly scope: Scope | null; readonly db: unknown }
