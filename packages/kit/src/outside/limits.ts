/** How one dependency is called; times are milliseconds. */
export interface OutsideLimits {
  /** The longest that one attempt may take. */
  readonly timeoutMs: number
  /** The longest that a call may take with all its attempts and pauses. */
  readonly deadlineMs: number
  /** How often a call that may be repeated is tried again. */
  readonly retries: number
  /** The first pause before another attempt; it doubles, with chance in it. */
  readonly backoffMs: number
  readonly maxBackoffMs: number
  /** The share of the last calls that must have failed to open the circuit. */
  readonly failureRatio: number
  /** How many of the last calls are looked at. */
  readonly windowCalls: number
  /** With fewer calls than this the circuit stays closed. */
  readonly minimumCalls: number
  /** How long an open circuit turns calls away before it lets one through. */
  readonly openMs: number
  /** Calls at work at once. */
  readonly concurrency: number
  /** Calls that may wait for their turn; more are turned away. */
  readonly queue: number
}

/** Limits for all dependencies, and what differs for single ones by their name. */
export interface OutsideSettings extends OutsideLimits {
  readonly dependencies: Readonly<
    Record<string, { readonly [K in keyof OutsideLimits]?: OutsideLimits[K] | undefined }>
  >
}
