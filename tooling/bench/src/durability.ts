import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { allMigrations } from '@plinth/api'
import { createDb, type Database, migrate } from '@plinth/db'
import { type KitTables, newId } from '@plinth/kit'
import type { Options } from './options.ts'
import { quantile } from './statistics.ts'

const SETTINGS = ['full', 'normal'] as const
const SYNCS = 200
const PAGE = Buffer.alloc(4096, 1)

/** Milliseconds that the disk takes to write a page and to say that it is there: what a commit in full waits for. */
const syncMs = (folder: string): number => {
  const file = openSync(join(folder, 'sync'), 'w')
  const times = new Float64Array(SYNCS)
  for (let at = 0; at < SYNCS; at += 1) {
    const startedAt = performance.now()
    writeSync(file, PAGE)
    fdatasyncSync(file)
    times[at] = performance.now() - startedAt
  }
  closeSync(file)
  return quantile(times.sort(), 0.5)
}

/** One event of the outbox per transaction, one after the other, as the one writer of SQLite does it. */
const commitsPerSecond = async (db: Database<KitTables>, seconds: number): Promise<number> => {
  const startedAt = performance.now()
  const until = startedAt + seconds * 1000
  let commits = 0
  while (performance.now() < until) {
    const now = new Date()
    const event = { id: newId('evt', now), type: 'bench', payload: {}, created_at: now.toISOString() }
    await db.transaction((trx) =>
      trx
        .insertInto('outbox')
        .values({ ...event, dispatched_at: null })
        .execute(),
    )
    commits += 1
  }
  return (commits * 1000) / (performance.now() - startedAt)
}

const median = (values: readonly number[]): number => quantile(Float64Array.from(values).sort(), 0.5)

/** Prints what it costs that a commit survives a power cut, on the disk that holds the temporary files. */
export const printDurability = async ({ rounds, seconds }: Options): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-'))
  const opened = await Promise.all(
    SETTINGS.map((synchronous) =>
      createDb<KitTables>({ url: `sqlite:${join(folder, `${synchronous}.db`)}`, synchronous }),
    ),
  )
  try {
    for (const db of opened) await migrate(db, allMigrations())
    const rates = new Map(SETTINGS.map((name) => [name, [] as number[]]))
    // In turn, so that what else the machine does falls on both.
    for (let round = 0; round < rounds; round += 1)
      for (const [at, db] of opened.entries())
        rates.get(SETTINGS[at] ?? 'full')?.push(await commitsPerSecond(db, seconds))
    process.stdout.write(`A page written and synced takes the disk ${syncMs(folder).toFixed(3)} ms.\n`)
    for (const [name, measured] of rates)
      process.stdout.write(
        `${name.padEnd(7)} ${median(measured).toFixed(0).padStart(8)} commits/s  (${measured.map((rate) => rate.toFixed(0)).join(', ')})\n`,
      )
  } finally {
    for (const db of opened) await db.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
