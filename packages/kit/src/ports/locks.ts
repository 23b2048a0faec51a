/** The hold on a lock while work goes on under it. */
export interface Lease {
  /** Higher than that of every earlier holder: what is written to can refuse a holder that has been overtaken. */
  readonly fence: number
  /** Aborted when the lock is lost before the work has ended: from then on somebody else may hold it. */
  readonly signal: AbortSignal
}

/** How long a lock is held and waited for, in milliseconds. */
export interface LockOptions {
  /** How long it outlives a holder that dies; while the work goes on it is extended. */
  readonly ttlMs: number
  /** How long is waited for another holder; left out, as long as `ttlMs`. */
  readonly waitMs?: number
}

/** Lets one at a time do what is done under a key, within a process or among all that share the store. */
export interface Locks {
  /**
   * Runs the work under the lock. Rejects with `LockBusyError` when the lock does not come free in time, and with
   * `LockLostError` when it was lost before the work ended.
   */
  withLock<R>(key: string, options: LockOptions, work: (lease: Lease) => Promise<R>): Promise<R>
}
