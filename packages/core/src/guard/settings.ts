import type { BotConfidence } from './bots.ts'

/** What is done about a client that is taken for a bot. */
type BotAction = 'flag' | 'slow' | 'refuse'

/** What an address may do wrong. */
export type Offence = 'limited' | 'loginFailed' | 'trap' | 'attack' | 'scanner' | 'falseCrawler'

/** The log of requests. */
interface RequestLogSettings {
  readonly on: boolean
  /** Bytes of a body that are kept; 0 keeps none. */
  readonly bodyBytes: number
  /** Names of fields to mask beside the usual ones. */
  readonly maskedFields: readonly string[]
  readonly retentionDays: number
  /** The share of good reads that is kept; writes and refusals always are. */
  readonly share: number
}

/** The settings of request defence. Times are milliseconds. */
export interface GuardSettings {
  readonly on: boolean
  readonly requests: RequestLogSettings
  /** How long a change made by another process may go unseen where no bus carries it. */
  readonly refreshMs: number
  /** How often what was noticed is written. */
  readonly writeMs: number
  /** Most requests that wait to be written; more are counted and dropped. */
  readonly mostWaiting: number
  /** Path that robots.txt forbids and nothing leads to. */
  readonly trap: string
  readonly bans: {
    readonly on: boolean
    readonly points: Readonly<Record<Offence, number>>
    /** So many points lead one step up the ladder. */
    readonly threshold: number
    /** Half of the points that count for the next step are forgotten after this. */
    readonly halfLifeMs: number
    /** Length of the ban of each step; 0 is a warning. */
    readonly steps: readonly number[]
    /** A step of the ladder is forgotten for each such time without a new one. */
    readonly stepDownMs: number
    /** Networks that are never banned for their offences. */
    readonly exempt: readonly string[]
  }
  readonly lowered: {
    /** Addresses whose score is lower get a share of the limits. */
    readonly below: number
    readonly share: number
    /** Half of the points are forgotten after this. */
    readonly halfLifeMs: number
  }
  readonly bots: Readonly<Record<Exclude<BotConfidence, 'none'>, BotAction>> & {
    readonly slowMs: number
    readonly mostSlow: number
    readonly verifyCrawlers: boolean
    /** Parts of user agents that are let through whatever else is found. */
    readonly exempt: readonly string[]
  }
  readonly threats: {
    readonly lists: Readonly<Record<string, string>>
    /** Points that an address has for being on a list. */
    readonly points: number
    readonly refuse: boolean
  }
}
