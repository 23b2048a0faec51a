import type { CommonErrorCode, Permission, PortalName } from '@plinth/contract'
import type { ReadDb, WriteDb } from '@plinth/db'
import type { KitTables } from './tables.ts'

/** Tells the time; tests put a fake one in its place. */
export interface Clock {
  now(): Date
}

/** Who calls. Permissions follow from the role and what was granted besides; the portal is the audience of the token. */
export interface Actor {
  readonly userId: string
  /** The login of the credential; null: it is an API key. */
  readonly loginId: string | null
  /** The API key by which somebody's program calls; left out: they call themselves. */
  readonly key?: ActorKey
  readonly role: string
  readonly permissions: ReadonlySet<Permission>
  readonly portal: PortalName | null
  /** What the credential is limited to; null: nothing. */
  readonly scopes: ReadonlySet<string> | null
  /** Whether the email address is proved. */
  readonly verified: boolean
  /** When they last proved who they are, as an ISO text; null: never in this login, such as with an API key. */
  readonly provenAt: string | null
  /** The administrator who acts in the place of the user. */
  readonly impersonatedBy: string | null
}

/** An API key that calls, and how often it may. */
export interface ActorKey {
  readonly id: string
  readonly limit: LimitRule
}

/** Where a token stood in its request, and where that came from. */
export interface TokenOrigin {
  readonly source: 'bearer' | 'api-key' | 'cookie'
  readonly address: string
}

/** A request that was signed with a key, as it came. */
export interface SignedRequest {
  readonly keyId: string
  readonly timestamp: string
  readonly nonce: string
  readonly signature: string
  readonly method: string
  /** Path and query as they were sent. */
  readonly url: string
  readonly address: string
  /** The bytes of the body; rejects where they are too many, or can't be signed. */
  body(): Promise<Uint8Array>
}

/** Whose signature was right. */
export interface Signer {
  readonly actor: Actor
  /** Uses the nonce up; false: it was used before. Of any number who try at the same time, one is told true. */
  claim(): Promise<boolean>
  /** Judges the key anew, for what goes on after its request; the signature was right and stays so. */
  again(now: Date): Promise<Actor | CommonErrorCode>
}

/** Turns a credential into an actor, or into the code of what is wrong with it. */
export interface Authenticator {
  authenticate(token: string, now: Date, origin: TokenOrigin): Promise<Actor | CommonErrorCode>
  /** Finds whose signature a request carries; left out: no key signs here. */
  verify?(request: SignedRequest, now: Date): Promise<Signer | CommonErrorCode>
}

/** A letter on its way out; text is always there, html is optional. */
export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html?: string
}

/**
 * Sends mail, to one address each. Rejects with an `OutsideError` when the mail was not taken over, so that the job is
 * tried again, or given up where the recipient was refused for good.
 */
export interface Mailer {
  send(mail: Mail): Promise<void>
}

/**
 * How requests are counted. `token-bucket`: `perMinute` over time, and `burst` more at once. `sliding-window`: never
 * more than `perMinute` within any minute, at once or spread; `burst` counts for nothing.
 */
export type LimitStrategy = 'token-bucket' | 'sliding-window'

/** Requests per minute that are allowed over time, and how many more at once; left out, the strategy is a token bucket. */
export interface LimitRule {
  readonly perMinute: number
  readonly burst: number
  readonly strategy?: LimitStrategy | undefined
  /** By how much more a role may do; left out, as much as everybody. */
  readonly roles?: Readonly<Record<string, number>> | undefined
  /** Whose limits shrink while the process is under strain; left out: those of who is not signed in. */
  readonly strained?: 'nobody' | 'anonymous' | 'everybody' | undefined
  /** Set while the process is under strain: what is left of the limits, and whose. */
  readonly reduced?: { readonly share: number; readonly of: 'anonymous' | 'everybody' } | undefined
}

/** What a limiter says of one request. Times are in milliseconds from now. */
export interface LimitState {
  readonly allowed: boolean
  readonly limit: number
  readonly remaining: number
  readonly resetMs: number
  readonly retryAfterMs: number
}

/** Counts requests by key; a shared store makes the count hold for several processes. */
export interface Limiter {
  take(key: string, rule: LimitRule, now: number): LimitState | Promise<LimitState>
}

/** An encoded answer that may be sent again until a tag of it is dropped. */
export interface CacheEntry {
  readonly json: string
  readonly etag: string
}

/**
 * Keeps answers by key, bounded in bytes, until they expire or one of their tags is dropped. It never rejects: a store
 * that is away has nothing and keeps nothing.
 */
export interface Cache {
  /** The entry of a key that was set with these tags. */
  get(
    key: string,
    now: number,
    tags: readonly string[],
  ): CacheEntry | undefined | Promise<CacheEntry | undefined>
  /**
   * Marks the state of the tags before an answer is computed; give it back to `set`. Two marks are the same only when
   * none of the tags was dropped between them. Undefined: the state is not known, and what is computed is not kept.
   */
  mark(tags: readonly string[]): string | undefined | Promise<string | undefined>
  /** Keeps the entry, unless a tag was dropped since `mark`: that answer may be older than the write. */
  set(key: string, entry: CacheEntry, options: CacheOptions): void | Promise<void>
  drop(tags: readonly string[]): void | Promise<void>
  /**
   * Where several processes share the store: claims to be the one that computes what is missing, for so long at the
   * most. Null while another one does; else what ends the claim.
   */
  claim?(key: string, ms: number): Promise<(() => Promise<void>) | null>
  stats(): CacheStats | Promise<CacheStats>
}

/** How long an entry lives, which tags drop it, and the mark taken before it was computed. */
export interface CacheOptions {
  readonly tags: readonly string[]
  readonly expiresAt: number
  readonly mark: string
}

/** Counts since start, and what is kept now. */
export interface CacheStats {
  readonly hits: number
  readonly misses: number
  readonly evictions: number
  readonly entries: number
  readonly bytes: number
}

/** Carries messages to every process that listens now; nothing is kept. */
export interface Bus {
  /** Listeners of this process have the message at once. Rejects when the others could not be told. */
  publish(channel: string, message: unknown): Promise<void>
  /**
   * Returns a function that ends the subscription. `missed` is called when messages of other processes may have been
   * lost because the connection to them was: what is shown should be read again.
   */
  subscribe(channel: string, listener: (message: unknown) => void, missed?: () => void): () => void
}

/** Something to do later, at least once. */
export interface NewJob {
  readonly name: string
  readonly payload: unknown
  /** Not before this moment; left out: as soon as it is committed. */
  readonly runAt?: Date
  /** With a key, a second job of that name and key is not added while the first one waits. */
  readonly key?: string
  /** The span that it goes on from; left out, the one at work where it is added. */
  readonly traceparent?: string | undefined
}

/** A job as its handler gets it; `attempt` counts from 1, and on when the job is redriven: no two have the same number. */
export interface Job {
  readonly id: string
  readonly name: string
  readonly payload: unknown
  readonly attempt: number
}

/**
 * Does one kind of job; rejecting means that it is tried again later, up to a bound. A permanent `OutsideError` ends
 * it at once.
 */
export type JobHandler = (job: Job, signal: AbortSignal) => Promise<void>

/** How long one kind of job is tried again. What is left out is as the settings of jobs say. */
export interface RetryRule {
  /** How often it is begun before it is given up as dead. */
  readonly maxAttempts?: number
  /** The longest pause before another attempt, in milliseconds; left out: an hour. */
  readonly maxPauseMs?: number
}

/** Where a job is: it waits, runs, ended well, or was given up. */
export type JobState = 'ready' | 'running' | 'done' | 'dead'

/** A job as people look at it; what it carries is left out, for it may be personal. Moments are ISO texts. */
export interface JobRecord {
  readonly id: string
  readonly name: string
  readonly key: string | null
  readonly state: JobState
  /** How often it was begun since it was added or redriven. */
  readonly attempts: number
  readonly maxAttempts: number
  readonly runAt: string
  readonly createdAt: string
  readonly finishedAt: string | null
  /** What the last attempt that failed said. */
  readonly error: string | null
}

/** Which jobs to list, newest first; `after` is the id of the last one that was seen. */
export interface JobFilter {
  readonly state?: JobState | undefined
  readonly name?: string | undefined
  readonly after?: string | undefined
  readonly limit: number
}

/** What became of a job that was to be run anew: one that is not dead, or whose key waits again, is left alone. */
export type Redriven = 'redriven' | 'absent' | 'not-dead' | 'key-waits'

/** What differs for one kind of job. */
export interface JobRule extends RetryRule {
  readonly concurrency?: number
}

/** Keeps jobs and runs them. `enqueue` writes in the caller's transaction: no job without its commit. */
export interface Jobs {
  enqueue(db: WriteDb<KitTables>, jobs: readonly NewJob[], now: Date): Promise<void>
  /**
   * With a concurrency of its own a kind of job runs beside the others, up to so many at once: for jobs that wait long,
   * so that they hold up nothing else.
   */
  handle(name: string, handler: JobHandler, own?: JobRule): void
  /** Tells the worker that something may be due now. */
  poke(): void
  /** Runs what is due now until nothing is left; answers how many were run. */
  runDue(now: Date): Promise<number>
  start(): void
  /** Stops taking jobs and waits for those that run. */
  stop(): Promise<void>
  /** How many jobs there are by state, for metrics. */
  counts(): Promise<Readonly<Record<string, number>>>
  /** When the job that comes first came due, or will; null when none waits. */
  dueSince(): Promise<string | null>
  list(db: ReadDb<KitTables>, filter: JobFilter): Promise<JobRecord[]>
  get(db: ReadDb<KitTables> | WriteDb<KitTables>, id: string): Promise<JobRecord | null>
  /** Lets a dead job wait again with all its attempts, in the caller's transaction. */
  redrive(db: WriteDb<KitTables>, id: string, now: Date): Promise<Redriven>
}
