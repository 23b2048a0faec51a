import { type Database, json, type WriteDb } from '@plinth/db'
import { auditEffect, type Clock, type KitTables, newId } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import { type Deeds, pointsOf, worsened } from './ladder.ts'
import type { GuardSettings, Offence } from './settings.ts'
import { type GuardState, takeReputation } from './state.ts'
import type { BansTable, ReputationsTable } from './tables.ts'

interface OffenceDeps {
  readonly db: Database<KitTables>
  readonly clock: Clock
  readonly settings: GuardSettings
  readonly state: GuardState
}

interface Decided {
  readonly rows: readonly ReputationsTable[]
  readonly bans: readonly BansTable[]
}

const MOST_WAITING = 5000
const CHUNK = 200

const reasonOf = ({ offences }: ReputationsTable): string =>
  Object.entries(offences)
    .map(([offence, times]) => `${offence} ${times}`)
    .join(', ')

const banOf = (
  row: ReputationsTable,
  { step, banMs }: { step: number; banMs: number },
  now: Date,
): BansTable => {
  const at = now.toISOString()
  return {
    id: newId('ban', now),
    network: row.network,
    kind: banMs === 0 ? 'warning' : 'ban',
    cause: 'offences',
    reason: reasonOf(row),
    step,
    ends_at: new Date(now.getTime() + banMs).toISOString(),
    created_at: at,
    created_by: null,
    lifted_at: null,
    lifted_by: null,
    changed_at: at,
  }
}

const store = async (trx: WriteDb<CoreDb>, { rows, bans }: Decided, now: Date): Promise<void> => {
  await trx
    .insertInto('reputations')
    .values(rows.map((row) => ({ ...row, offences: json(row.offences) })))
    .onConflict((conflict) =>
      conflict.column('network').doUpdateSet((eb) => ({
        points: eb.ref('excluded.points'),
        toward: eb.ref('excluded.toward'),
        points_at: eb.ref('excluded.points_at'),
        step: eb.ref('excluded.step'),
        step_at: eb.ref('excluded.step_at'),
        offences: eb.ref('excluded.offences'),
        last_offence_at: eb.ref('excluded.last_offence_at'),
        changed_at: eb.ref('excluded.changed_at'),
      })),
    )
    .execute()
  if (bans.length === 0) return
  await trx
    .insertInto('bans')
    .values([...bans])
    .execute()
  for (const { id } of bans)
    await auditEffect(trx, { action: 'core.bans.create', target: id, cause: 'offences', now })
}

/** Collects what addresses do wrong, and writes it now and then: only there is decided whether somebody is banned. */
export const createOffences = ({ db: given, clock, settings, state }: OffenceDeps) => {
  const db = given.as<CoreDb>()
  let waiting = new Map<string, Deeds>()

  const keep = (network: string, deeds: Deeds): Deeds | null => {
    const known = waiting.get(network)
    // So many addresses at once are no single offenders, and what they do is in the log of requests.
    if (!known && waiting.size >= MOST_WAITING) return null
    const sum: Deeds = { ...known }
    for (const [name, times] of Object.entries(deeds))
      sum[name as Offence] = (sum[name as Offence] ?? 0) + times
    waiting.set(network, sum)
    return sum
  }

  // Deeds of several processes add up: whoever writes holds the rows of all meanwhile.
  const decide = async (
    trx: WriteDb<CoreDb>,
    chunk: readonly (readonly [string, Deeds])[],
  ): Promise<Decided> => {
    await given.dialect.lock(trx, 'reputations')
    const now = clock.now()
    const networks = chunk.map(([network]) => network)
    const known = await trx.selectFrom('reputations').selectAll().where('network', 'in', networks).execute()
    const before = new Map(known.map((row) => [row.network, row]))
    const rows: ReputationsTable[] = []
    const bans: BansTable[] = []
    for (const [network, deeds] of chunk) {
      const listed = state.threats.find(network.replace('/64', '')).length > 0
      const { row, step } = worsened(before.get(network), { network, deeds, listed }, settings, now)
      rows.push(row)
      if (step) bans.push(banOf(row, step, now))
    }
    await store(trx, { rows, bans }, now)
    return { rows, bans }
  }

  const take = ({ rows, bans }: Decided): void => {
    const now = clock.now()
    for (const row of rows) takeReputation(state.reputations, row, { now, settings })
    for (const { kind, network, ends_at } of bans) {
      const end = kind === 'ban' && ends_at !== null ? Date.parse(ends_at) : 0
      if (end > (state.bans.get(network) ?? 0)) state.bans.set(network, end)
    }
  }

  return {
    /** Counts an offence; answers whether enough have come together to decide at once. */
    note(network: string, offence: Offence): boolean {
      const sum = keep(network, { [offence]: 1 })
      return sum !== null && pointsOf(sum, settings.bans) >= settings.bans.threshold
    },
    waiting: () => waiting.size,
    /** Writes what was collected, and answers the warnings and bans that followed. */
    async write(): Promise<readonly BansTable[]> {
      const entries = [...waiting]
      waiting = new Map()
      const bans: BansTable[] = []
      for (let start = 0; start < entries.length; start += CHUNK) {
        const chunk = entries.slice(start, start + CHUNK)
        try {
          const done = await db.transaction((trx) => decide(trx, chunk))
          take(done)
          bans.push(...done.bans)
        } catch (error) {
          for (const [network, deeds] of entries.slice(start)) keep(network, deeds)
          throw error
        }
      }
      return bans
    },
  }
}
