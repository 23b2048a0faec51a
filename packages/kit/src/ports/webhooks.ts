/** One request to a receiver of webhooks. */
export interface WebhookRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What came of a request: an answer with how it begins, or the reason why there is none. */
export interface WebhookOutcome {
  /** HTTP status; null when no answer came. */
  readonly status: number | null
  /** Why there was no answer; null when there was one. */
  readonly error: string | null
  readonly durationMs: number
  /** The first bytes of the answer, as text. */
  readonly answer: string | null
  /** How long the receiver asks to be left alone, in milliseconds. */
  readonly retryAfterMs: number | null
}

/** Sends to addresses that others chose, and to none inside of our own networks. */
export interface WebhookSender {
  /** Why this address is not called, whatever its name stands for now; null when it may be. */
  refusal(url: string): string | null
  /** Makes one attempt. It never rejects, and ends in its time whatever the receiver does. */
  send(request: WebhookRequest, signal: AbortSignal): Promise<WebhookOutcome>
}
