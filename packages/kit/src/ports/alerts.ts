/** What somebody should look at: one condition is told once when it begins, and once when it is over. */
export interface Alerts {
  /** The condition holds. Says so to the outside unless that was done already; a failure is tried again at the next call. */
  raise(condition: string, summary: string): Promise<void>
  /** The condition is over; nothing happens when it never held. */
  clear(condition: string): Promise<void>
  /** Conditions that hold now, with their summaries. */
  raised(): ReadonlyMap<string, string>
}

/** One word to the outside about a condition. */
export interface AlertMessage {
  readonly state: 'raised' | 'cleared'
  readonly condition: string
  readonly summary: string
  readonly at: string
}

/** Carries alerts to people; rejects when they were not taken over. */
export type AlertChannel = (message: AlertMessage) => Promise<void>
