import type { Database } from '@plinth/db'
import type { Clock, KitTables, Logger, ThreatList } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import { readRange } from './addresses.ts'

interface ImportDeps {
  readonly db: Database<KitTables>
  readonly clock: Clock
  readonly log: Logger
  readonly lists: readonly ThreatList[]
}

const MOST_ENTRIES = 100_000
const CHUNK = 500
// A range so wide holds whole countries: a list that names one is broken, or was tampered with.
const WIDEST = { 4: 8, 6: 16 } as const

const isUsable = (text: string): boolean => {
  const range = readRange(text)
  return range !== null && range.prefix >= WIDEST[range.version]
}

/** Puts what a list says now in the place of what it said before, as a whole or not at all. */
const replace = async (
  { db, clock }: Pick<ImportDeps, 'db' | 'clock'>,
  list: string,
  ranges: readonly string[],
): Promise<void> =>
  db.as<CoreDb>().transaction(async (trx) => {
    await trx.deleteFrom('threat_lists').where('name', '=', list).execute()
    const importedAt = clock.now().toISOString()
    await trx
      .insertInto('threat_lists')
      .values({ name: list, imported_at: importedAt, entries: ranges.length })
      .execute()
    for (let start = 0; start < ranges.length; start += CHUNK)
      await trx
        .insertInto('threat_ranges')
        .values(ranges.slice(start, start + CHUNK).map((range) => ({ list, range })))
        .execute()
  })

const importOne = async (deps: ImportDeps, list: ThreatList, signal: AbortSignal): Promise<void> => {
  const read = await list.read(signal)
  const usable = [...new Set(read.filter(isUsable))]
  const ranges = usable.slice(0, MOST_ENTRIES)
  const left = read.length - ranges.length
  // An empty file is what a broken server gives; what was known before is better than that.
  if (ranges.length === 0) throw new Error(`the threat list ${list.name} names no address`)
  await replace(deps, list.name, ranges)
  deps.log.info({ list: list.name, entries: ranges.length, left }, 'a threat list was imported')
}

/**
 * Imports all lists, each by itself: one that can't be read stays as it was imported last, and the others are imported all
 * the same. Lists that are no longer configured are forgotten.
 */
export const importThreats = async (deps: ImportDeps, signal: AbortSignal): Promise<void> => {
  const names = deps.lists.map(({ name }) => name)
  await deps.db.as<CoreDb>().transaction(async (trx) => {
    const gone = trx.deleteFrom('threat_lists')
    await (names.length > 0 ? gone.where('name', 'not in', names) : gone).execute()
  })
  const failed: unknown[] = []
  for (const list of deps.lists)
    await importOne(deps, list, signal).catch((error: unknown) => void failed.push(error))
  if (failed.length > 0)
    throw new AggregateError(failed, `${failed.length} of the threat lists could not be read`)
}
