import { writeFile } from 'node:fs/promises'
import { compareOn } from './compare.ts'
import { printDurability } from './durability.ts'
import { tooSlow } from './goals.ts'
import { type Options, readOptions } from './options.ts'
import { findCores, interrupt } from './processes.ts'
import { printProfile } from './profile.ts'
import { heading, resultLine, summary } from './report.ts'
import type { Result } from './rows.ts'
import { compareCatalogues } from './scale/catalogues.ts'
import { compareProcedures } from './scale/procedures.ts'
import { createRows } from './scale/rows.ts'
import { printSerialise } from './serialise.ts'
import { soak } from './soak.ts'

const say = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

const compareAll = async (options: Options): Promise<void> => {
  say(heading(options, findCores()))
  const results: Result[] = []
  for (const database of options.databases)
    results.push(...(await compareOn(database, options, (result) => say(resultLine(result)))))
  say(`\n${summary(results)}`)
  const rows = results.map(({ row }) => row)
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(rows, null, 2)}\n`)
  const slow = options.gate ? tooSlow(rows) : []
  if (slow.length > 0) throw new Error(`Something has become slow:\n${slow.join('\n')}`)
}

const compareScales = async (options: Options): Promise<void> => {
  const kept = createRows()
  if (options.sizes.length > 0) await compareCatalogues(options, options.sizes, kept)
  if (options.counts.length > 0) await compareProcedures(options, options.counts, kept)
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(kept.rows, null, 2)}\n`)
}

const run = async (options: Options): Promise<void> => {
  if (options.mode === 'profile') return printProfile(options)
  if (options.mode === 'serialise') return printSerialise()
  if (options.mode === 'durability') return printDurability(options)
  if (options.mode === 'scale') return compareScales(options)
  if (options.mode === 'soak') return soak(options, options.minutes)
  return compareAll(options)
}

// The database and the processes of this run are removed before it ends; a second signal ends it at once.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, interrupt)

try {
  await run(readOptions(process.argv.slice(2)))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
