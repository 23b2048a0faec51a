import type { Database } from '@plinth/db'
import type { Clock, KitTables } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import { createRangeMap, type RangeMap } from './addresses.ts'
import { faded, scoreOf } from './ladder.ts'
import { createRules, type Rules } from './rules.ts'
import type { GuardSettings } from './settings.ts'
import type { BansTable, ReputationsTable } from './tables.ts'

/** What one process knows of bans, rules, lists and reputations, so that no request waits for the database. */
export interface GuardState {
  rules: Rules
  threats: RangeMap<string>
  readonly bans: Map<string, number>
  readonly reputations: Map<string, { readonly points: number; readonly at: number }>
  /** When it was read last, in milliseconds since the epoch; 0: never. */
  readAt: number
}

/** The most address rules that there may be. */
export const MOST_RULES = 5000
const MOST_BANS = 100_000
// When more have changed all are read anew.
const MOST_CHANGED = 1000
const MOST_REPUTATIONS = 50_000
// What was written while others committed may carry a moment that is a little earlier.
const OVERLAP_MS = 60_000

type BanRow = Pick<BansTable, 'network' | 'kind' | 'ends_at' | 'lifted_at'>

const endOf = ({ kind, ends_at, lifted_at }: BanRow): number => {
  if (kind === 'warning' || lifted_at !== null) return 0
  return ends_at === null ? Infinity : Date.parse(ends_at)
}

/** Takes over bans, given oldest first; one that no longer holds takes nothing away from another that does. */
const takeBans = (bans: Map<string, number>, rows: readonly BanRow[], now: number): void => {
  const ends = new Map<string, number>()
  for (const row of rows) ends.set(row.network, Math.max(ends.get(row.network) ?? 0, endOf(row)))
  for (const [network, end] of ends)
    if (end > now) bans.set(network, end)
    else bans.delete(network)
}

const changedSince = async (db: Database<CoreDb>, since: string): Promise<string[]> => {
  const rows = await db.read
    .selectFrom('bans')
    .select('network')
    .where('changed_at', '>=', since)
    .distinct()
    .limit(MOST_CHANGED + 1)
    .execute()
  return rows.map(({ network }) => network)
}

const readBans = async (db: Database<CoreDb>, { bans }: GuardState, since: string | null, now: Date) => {
  const held = db.read
    .selectFrom('bans')
    .select(['network', 'kind', 'ends_at', 'lifted_at'])
    .where('kind', '=', 'ban')
    .where('lifted_at', 'is', null)
    .where((eb) => eb.or([eb('ends_at', 'is', null), eb('ends_at', '>', now.toISOString())]))
    .limit(MOST_BANS)
  const networks = since === null ? null : await changedSince(db, since)
  if (networks !== null && networks.length <= MOST_CHANGED) {
    if (networks.length === 0) return
    const rows = await held.where('network', 'in', networks).execute()
    for (const network of networks) bans.delete(network)
    takeBans(bans, rows, now.getTime())
  } else {
    const rows = await held.execute()
    bans.clear()
    takeBans(bans, rows, now.getTime())
  }
}

const readReputations = async (
  db: Database<CoreDb>,
  { reputations }: GuardState,
  { since, now, settings }: { since: string | null; now: Date; settings: GuardSettings },
) => {
  let query = db.read
    .selectFrom('reputations')
    .select(['network', 'points', 'points_at'])
    .orderBy('changed_at', 'desc')
    .limit(MOST_REPUTATIONS)
  if (since !== null) query = query.where('changed_at', '>=', since)
  for (const row of await query.execute()) takeReputation(reputations, row, { now, settings })
}

/** Keeps a reputation that is bad enough to matter, and forgets one that is no longer. */
export const takeReputation = (
  reputations: GuardState['reputations'],
  { network, points, points_at }: Pick<ReputationsTable, 'network' | 'points' | 'points_at'>,
  { now, settings }: { readonly now: Date; readonly settings: GuardSettings },
): void => {
  const at = Date.parse(points_at)
  const left = faded(points, now.getTime() - at, settings.lowered.halfLifeMs)
  if (scoreOf(left, settings.bans.threshold) >= settings.lowered.below) reputations.delete(network)
  else if (reputations.size < MOST_REPUTATIONS || reputations.has(network))
    reputations.set(network, { points, at })
}

const readRules = async (db: Database<CoreDb>, state: GuardState, now: Date) => {
  const rows = await db.read
    .selectFrom('address_rules')
    .select(['effect', 'routes', 'range', 'expires_at'])
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now.toISOString())]))
    .limit(MOST_RULES)
    .execute()
  state.rules = createRules(rows)
}

const createThreats = (db: Database<CoreDb>) => {
  let known = ''
  return async (state: GuardState): Promise<void> => {
    const lists = await db.read
      .selectFrom('threat_lists')
      .select(['name', 'imported_at'])
      .orderBy('name')
      .limit(1000)
      .execute()
    const seen = lists.map(({ name, imported_at }) => `${name} ${imported_at}`).join()
    if (seen === known) return
    const threats = createRangeMap<string>()
    const rows = lists.length === 0 ? [] : await db.read.selectFrom('threat_ranges').selectAll().execute()
    for (const { list, range } of rows) threats.add(range, list)
    state.threats = threats
    known = seen
  }
}

interface StateDeps {
  readonly db: Database<KitTables>
  readonly clock: Clock
  readonly settings: GuardSettings
}

/** What a process knows, and how it is read anew. */
export const createState = ({ db: given, clock, settings }: StateDeps) => {
  const db = given.as<CoreDb>()
  const state: GuardState = {
    rules: createRules([]),
    threats: createRangeMap(),
    bans: new Map(),
    reputations: new Map(),
    readAt: 0,
  }
  const readThreats = createThreats(db)
  return {
    state,
    async refresh(): Promise<void> {
      const now = clock.now()
      const since = state.readAt === 0 ? null : new Date(state.readAt - OVERLAP_MS).toISOString()
      await readBans(db, state, since, now)
      await readRules(db, state, now)
      await readReputations(db, state, { since, now, settings })
      await readThreats(state)
      state.readAt = now.getTime()
    },
  }
}
