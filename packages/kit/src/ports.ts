import type { CommonErrorCode, Permission, PortalName } from '@plinth/contract'
import type { WriteDb } from '@plinth/db'
import type { KitTables } from './tables.ts'

/** Tells the time; tests put a fake one in its place. */
export interface Clock {
  now(): Date
}

/** Who calls. Permissions follow from the role; the portal is the audience of the token. */
export interface Actor {
  readonly userId: string
  readonly loginId: string
  readonly role: string
  readonly permissions: ReadonlySet<Permission>
  readonly portal: PortalName | null
}

/** Turns a token into an actor, or into the code of what is wrong with it. */
export interface Authenticator {
  authenticate(token: string, now: Date): Promise<Actor | CommonErrorCode>
}

/** A letter on its way out; text is always there, html is optional. */
export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html?: string
}

/** Sends mail. Rejects when the mail was not taken over, so that the job is tried again. */
export interface Mailer {
  send(mail: Mail): Promise<void>
}

/** Requests per minute that are allowed over time, and how many more at once. */
export interface LimitRule {
  readonly perMinute: number
  readonly burst: number
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

/** Keeps answers by key, bounded in number and bytes, until they expire or one of their tags is dropped. */
export interface Cache {
  get(key: string, now: number): CacheEntry | undefined | Promise<CacheEntry | undefined>
  /** Marks the state of the tags before an answer is computed; give it back to `set`. */
  mark(tags: readonly string[]): string | Promise<string>
  /** Keeps the entry, unless a tag was dropped since `mark`: that answer may be older than the write. */
  set(key: string, entry: CacheEntry, options: CacheOptions): void | Promise<void>
  drop(tags: readonly string[]): void | Promise<void>
  stats(): CacheStats
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
  publish(channel: string, message: unknown): Promise<void>
  /** Returns a function that ends the subscription. */
  subscribe(channel: string, listener: (message: unknown) => void): () => void
}

/** Something to do later, at least once. */
export interface NewJob {
  readonly name: string
  readonly payload: unknown
  /** Not before this moment; left out: as soon as it is committed. */
  readonly runAt?: Date
  /** With a key, a second job of that name and key is not added while the first one waits. */
  readonly key?: string
}

/** A job as its handler gets it; `attempt` counts from 1. */
export interface Job {
  readonly id: string
  readonly name: string
  readonly payload: unknown
  readonly attempt: number
}

/** Does one kind of job; rejecting means that it is tried again later, up to a bound. */
export type JobHandler = (job: Job, signal: AbortSignal) => Promise<void>

/** Keeps jobs and runs them. `enqueue` writes in the caller's transaction: no job without its commit. */
export interface Jobs {
  enqueue(db: WriteDb<KitTables>, jobs: readonly NewJob[], now: Date): Promise<void>
  handle(name: string, handler: JobHandler): void
  /** Tells the worker that something may be due now. */
  poke(): void
  /** Runs what is due now until nothing is left; answers how many were run. */
  runDue(now: Date): Promise<number>
  start(): void
  /** Stops taking jobs and waits for those that run. */
  stop(): Promise<void>
  /** How many jobs there are by state, for metrics. */
  counts(): Promise<Readonly<Record<string, number>>>
}
