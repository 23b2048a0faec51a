import { writeFile } from 'node:fs/promises'
import { compareOn } from './compare.ts'
import { type Options, readOptions } from './options.ts'
import { findCores, interrupt } from './processes.ts'
import { printProfile } from './profile.ts'
import { heading, resultLine, summary } from './report.ts'
import type { Result } from './rows.ts'
import { printSerialise } from './serialise.ts'

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
}

const run = async (options: Options): Promise<void> => {
  if (options.mode === 'profile') return printProfile(options)
  if (options.mode === 'serialise') return printSerialise()
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
