import { writeFile } from 'node:fs/promises'
import { startLoad } from './load.ts'
import type { DatabaseName, Options } from './options.ts'
import { prepareDatabase } from './prepare.ts'
import { findCores, memoryMb } from './processes.ts'
import type { Row } from './rows.ts'
import { startPlinth } from './servers.ts'
import { signIn, someSlugs, someUsers } from './session.ts'
import { mixed } from './works/mixed.ts'

const RATE = 500
const USERS = 10
const SAMPLE_MS = 2000
// What a process needs until its code is compiled and its caches are full.
const WARM_UP_SHARE = 0.25
const MOST_GROWTH_MB = 30
const MOST_MB = 200

/** Memory over time: how much after the warm-up, and how much more at the end. */
export interface Drift {
  readonly afterWarmUp: number
  readonly end: number
  readonly highest: number
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)

/** What samples of memory, in MiB and in their order, say of its growth. Each end is a mean: collections make it swing. */
export const driftOf = (samples: readonly number[]): Drift => {
  if (samples.length < 8) throw new Error('a soak needs at least eight samples of memory')
  const steady = samples.slice(Math.trunc(samples.length * WARM_UP_SHARE))
  const part = Math.max(1, Math.trunc(steady.length / 4))
  return {
    afterWarmUp: mean(steady.slice(0, part)),
    end: mean(steady.slice(-part)),
    highest: Math.max(...steady),
  }
}

const faultsOf = ({ afterWarmUp, end, highest }: Drift, errors: number): string[] => [
  ...(errors > 0 ? [`${errors} requests failed`] : []),
  ...(end - afterWarmUp > MOST_GROWTH_MB
    ? [`memory grew from ${Math.round(afterWarmUp)} to ${Math.round(end)} MB after the warm-up`]
    : []),
  ...(highest > MOST_MB ? [`memory reached ${Math.round(highest)} MB, ${MOST_MB} at the most`] : []),
]

const soakOn = async (database: DatabaseName, options: Options, minutes: number) => {
  const cores = findCores()
  await using prepared = await prepareDatabase(database)
  await using plinth = await startPlinth({ databaseUrl: prepared.url, core: cores?.server, cached: true })
  await using load = startLoad(cores?.load)
  const given = {
    slugs: await someSlugs(plinth.url),
    users: await someUsers(plinth.url, USERS),
    manager: await signIn(plinth.url, prepared.manager),
  }
  const samples: number[] = []
  const timer = setInterval(() => samples.push(memoryMb(plinth.pid)), SAMPLE_MS)
  try {
    const { connections } = options
    const { asked } = mixed.plinth('rest', given)
    const job = { url: plinth.url, asked, seconds: 60 * minutes, connections, rate: RATE }
    const { rps, p50, p95, p99, answers, errors } = await load.run(job)
    const drift = driftOf(samples)
    const row: Row = {
      database,
      wire: 'rest',
      work: 'soak',
      rps: Math.round(rps),
      floorRps: RATE,
      ratio: rps / RATE,
      p50,
      p95,
      p99,
      answers,
      errors,
      memoryMb: Math.round(drift.end),
    }
    return { row, drift, faults: faultsOf(drift, errors) }
  } finally {
    clearInterval(timer)
  }
}

/** Keeps Plinth at work at a steady pace for minutes; throws when requests fail or memory grows. */
export const soak = async (options: Options, minutes: number): Promise<void> => {
  const rows: Row[] = []
  const faults: string[] = []
  for (const database of options.databases) {
    const { row, drift, faults: found } = await soakOn(database, options, minutes)
    const { afterWarmUp, end, highest } = drift
    const memory = [afterWarmUp, end, highest].map((value) => Math.round(value)).join(', ')
    process.stdout.write(
      `${database}: ${row.answers} answers in ${minutes} min, ${row.errors} errors, p99 ${row.p99.toFixed(1)} ms; ` +
        `memory after the warm-up, at the end, at most: ${memory} MB\n`,
    )
    rows.push(row)
    faults.push(...found.map((fault) => `${database}: ${fault}`))
  }
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(rows, null, 2)}\n`)
  if (faults.length > 0) throw new Error(faults.join('\n'))
}
