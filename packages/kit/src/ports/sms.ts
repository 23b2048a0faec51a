/** A short message on its way out, to one phone number. */
export interface Sms {
  /** In international form (E.164). */
  readonly to: string
  readonly text: string
}

/**
 * Sends short messages. Rejects with an `OutsideError` when one was not taken over, so that the job is tried again, or
 * given up where the number was refused for good.
 */
export interface SmsSender {
  send(sms: Sms): Promise<void>
}
