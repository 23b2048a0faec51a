import type { Exchange } from '../exchange.ts'
import type { Failure } from '../failure.ts'

/** What stands before and behind every call of a procedure, however it came. */
export interface CallGuard {
  /**
   * Judges an address for one procedure, ahead of any work.
   * @throws {Failure} when it may not call it.
   */
  enter(exchange: Exchange, procedure: string): void
  /** Is told of a call that failed. */
  failed(exchange: Exchange, procedure: string, failure: Failure): void
}

/** One request over HTTP as request defence sees it. */
export interface Visit extends Exchange {
  /** Names and values of the headers in turn, in the order and the letters they came in. */
  readonly rawHeaders: readonly string[]
  readonly startedAt: number
  readonly received: number
  readonly sent: number
  /** The body, where it is text and was read. */
  readonly bodyText: string | undefined
}

/** What is to be done with a request: refuse it, or let it wait so long first. */
export interface Objection {
  readonly failure?: Failure
  readonly delayMs?: number
}

/** Where an address is: an ISO 3166-1 code and an ISO 3166-2 part, or `unknown`. */
export interface Place {
  readonly country: string
  readonly region: string
}

/** Tells the country of addresses, without asking anybody outside. What is private or not known is `unknown`. */
export interface CountryLookup {
  find(address: string): Place | Promise<Place>
}

/** A list of bad addresses that others keep. */
export interface ThreatList {
  readonly name: string
  /** Reads it whole: addresses and ranges such as `203.0.113.0/24`, one each. */
  read(signal: AbortSignal): Promise<readonly string[]>
}

/** Looks names and addresses up in the DNS; rejects where there is none, as `node:dns` does. */
export interface NameLookup {
  reverse(address: string): Promise<readonly string[]>
  addresses(name: string): Promise<readonly string[]>
}
