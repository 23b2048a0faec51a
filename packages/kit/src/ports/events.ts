/** An event as it leaves the outbox: committed, with an id that stays the same however often it is handed on. */
export interface DomainEvent {
  readonly id: string
  /** Such as `accounts.registered`. */
  readonly type: string
  /** When it was committed, as an ISO text. */
  readonly timestamp: string
  readonly data: unknown
  /** The trace that it belongs to (W3C Trace Context), where its request had one. */
  readonly traceparent: string | null
}

/** Takes events out of the house, each at least once. */
export interface EventSink {
  /**
   * Resolves when the event is safe with whoever takes it over.
   * @throws {OutsideError} when it is not known to be: the same event is published again.
   */
  publish(event: DomainEvent, signal: AbortSignal): Promise<void>
}
