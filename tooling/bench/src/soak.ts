import { writeFile } from 'node:fs/promises'
import { startLoad } from './load.ts'
import type { DatabaseName, Options } from './options.ts'
import { prepareDatabase } from './prepare.ts'
import { findCores, memoryMb } from './processes.ts'
import type { Row } from './rows.ts'
import { startWatched } from './servers.ts'
import { signIn, someSlugs, someUsers } from './session.ts'
import type { Measured } from './statistics.ts'
import { mixed } from './works/mixed.ts'

const RATE = 1000
const USERS = 10
const SAMPLE_MS = 2000
// What a process needs until its code is compiled and its caches are full.
const WARM_UP_SHARE = 0.25
const MOST_GROWTH_MB = 5
const MOST_MB = 200

/** Memory over the time of a soak, in MiB. */
export interface Memory {
  /** What was still in use when all garbage was collected, after the warm-up and at the end. */
  readonly held: { readonly early: number; readonly late: number }
  /** The most that the process took of the machine, garbage and all. */
  readonly highest: number
}

/** What is wrong with how a soak went, each in a sentence. */
export const faultsOf = ({ held, highest }: Memory, errors: number, mostMb = MOST_MB): string[] => [
  ...(errors > 0 ? [`${errors} requests failed`] : []),
  ...(held.late - held.early > MOST_GROWTH_MB
    ? [`what is held grew from ${held.early.toFixed(1)} to ${held.late.toFixed(1)} MB`]
    : []),
  ...(highest > mostMb ? [`memory reached ${Math.round(highest)} MB, ${mostMb} at the most`] : []),
]

const rowOf = (
  database: DatabaseName,
  { rps, p50, p95, p99, answers, errors }: Measured,
  highest: number,
): Row => ({
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
  memoryMb: Math.round(highest),
})

const soakOn = async (database: DatabaseName, { connections }: Options, minutes: number, mostMb?: number) => {
  const cores = findCores()
  await using prepared = await prepareDatabase(database)
  await using plinth = await startWatched({ databaseUrl: prepared.url, core: cores?.server })
  await using load = startLoad(cores?.load)
  const given = {
    slugs: await someSlugs(plinth.url),
    users: await someUsers(plinth.url, USERS),
    manager: await signIn(plinth.url, prepared.manager),
  }
  const { asked } = mixed.plinth('rest', given)
  const during = (share: number) =>
    load.run({ url: plinth.url, asked, connections, rate: RATE, seconds: 60 * minutes * share })
  const samples: number[] = []
  const timer = setInterval(() => samples.push(memoryMb(plinth.pid)), SAMPLE_MS)
  try {
    const warmUp = await during(WARM_UP_SHARE)
    const early = await plinth.collect()
    const measured = await during(1 - WARM_UP_SHARE)
    samples.push(memoryMb(plinth.pid))
    const memory: Memory = { held: { early, late: await plinth.collect() }, highest: Math.max(...samples) }
    return {
      row: rowOf(database, measured, memory.highest),
      memory,
      faults: faultsOf(memory, warmUp.errors + measured.errors, mostMb),
    }
  } finally {
    clearInterval(timer)
  }
}

/** Keeps Plinth at work at a steady pace for minutes; throws when requests fail, memory grows, or more than `mostMb` is taken. */
export const soak = async (options: Options, minutes: number, mostMb?: number): Promise<void> => {
  const rows: Row[] = []
  const faults: string[] = []
  for (const database of options.databases) {
    const { row, memory, faults: found } = await soakOn(database, options, minutes, mostMb)
    const { held, highest } = memory
    process.stdout.write(
      `${database}: ${row.answers} answers after the warm-up of ${minutes} min, ${row.errors} errors, p99 ${row.p99.toFixed(1)} ms; ` +
        `held ${held.early.toFixed(1)} MB after the warm-up and ${held.late.toFixed(1)} at the end; ` +
        `${Math.round(highest)} MB taken at the most\n`,
    )
    rows.push(row)
    faults.push(...found.map((fault) => `${database}: ${fault}`))
  }
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(rows, null, 2)}\n`)
  if (faults.length > 0) throw new Error(faults.join('\n'))
}
