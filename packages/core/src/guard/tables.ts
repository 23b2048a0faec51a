import type { BotConfidence, ClientKind } from './bots.ts'

/** Warnings to addresses, and times for which they are refused. */
export interface BansTable {
  id: string
  network: string
  kind: 'warning' | 'ban'
  cause: 'offences' | 'by-hand'
  reason: string
  step: number | null
  ends_at: string | null
  created_at: string
  created_by: string | null
  lifted_at: string | null
  lifted_by: string | null
  /** Processes look for what has changed since they looked last. */
  changed_at: string
}

/** Who may, or may not, call which routes. */
export interface AddressRulesTable {
  id: string
  effect: 'allow' | 'deny'
  routes: string
  range: string
  reason: string
  expires_at: string | null
  created_at: string
  created_by: string
}

/** What an address has done; the points are as they were at `points_at`, and fade from there. */
export interface ReputationsTable {
  network: string
  points: number
  /** Those of them that count for the next step of the ladder: a step uses them up. */
  toward: number
  points_at: string
  /** Last place on the ladder of warnings and bans, and when it was taken. */
  step: number | null
  step_at: string | null
  offences: Readonly<Record<string, number>>
  last_offence_at: string
  changed_at: string
}

/** A list that others keep, as it was imported last. */
interface ThreatListsTable {
  name: string
  imported_at: string
  entries: number
}

interface ThreatRangesTable {
  list: string
  range: string
}

/** One request as it was answered. */
export interface RequestsTable {
  id: string
  at: string
  request_id: string
  method: string
  route: string
  path: string
  address: string
  country: string
  region: string
  status: number
  duration_ms: number
  received: number
  sent: number
  user_id: string | null
  user_agent: string | null
  fingerprint: string
  client: ClientKind
  bot_confidence: BotConfidence
  signs: readonly string[]
  body: string | null
}

/** The tables of request defence. */
export interface GuardTables {
  bans: BansTable
  address_rules: AddressRulesTable
  reputations: ReputationsTable
  threat_lists: ThreatListsTable
  threat_ranges: ThreatRangesTable
  requests: RequestsTable
}
