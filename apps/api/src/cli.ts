import { readFile, writeFile } from 'node:fs/promises'
import { migrate, rollback } from '@plinth/db'
import { loadDemo } from '@plinth/demo'
import { systemClock } from '@plinth/kit'
import { type Composed, compose } from './compose.ts'
import { ConfigError, readConfig } from './config.ts'
import { documents } from './generate/documents.ts'
import type { Settings } from './settings.ts'
import { allMigrations, plinth } from './systems.ts'

interface Command {
  readonly usage: string
  run(args: readonly string[]): Promise<void>
}

const print = (text: string): void => void process.stdout.write(`${text}\n`)

const withServer = async (work: (composed: Composed, settings: Settings) => Promise<void>): Promise<void> => {
  const settings = readConfig(process.env)
  const composed = await compose(settings, plinth)
  try {
    await work(composed, settings)
  } finally {
    await composed.close()
  }
}

const generate = async (name: string, args: readonly string[]): Promise<void> => {
  const document = documents[name]
  if (!document) throw new Error(`There is no document ${name}`)
  const text = await document.make()
  if (!args.includes('--check')) {
    await writeFile(document.path, text)
    return print(`wrote ${document.path}`)
  }
  const kept = await readFile(document.path, 'utf8').catch(() => '')
  if (kept === text) return print(`${document.path} is up to date`)
  throw new Error(`${document.path} differs from the code: run npm run docs`)
}

const SECRET = new Set(['secret', 'metricsToken'])

/** What is in force, for people to read: secrets and passwords in addresses are masked. */
const masked = (settings: Settings): string =>
  JSON.stringify(
    settings,
    (key, value: unknown) => {
      if (SECRET.has(key)) return '[masked]'
      return typeof value === 'string' ? value.replace(/(:\/\/[^:/@]+:)[^@]+@/, '$1[masked]@') : value
    },
    2,
  )

const commands: Readonly<Record<string, Command>> = {
  migrate: {
    usage: 'migrate                 applies all migrations that are missing',
    run: () =>
      withServer(async ({ db }) => {
        const applied = await migrate(db, allMigrations())
        print(applied.length === 0 ? 'nothing to apply' : applied.map((name) => `applied ${name}`).join('\n'))
      }),
  },
  rollback: {
    usage: 'rollback [STEPS|all]    takes back the last migration, or several',
    run: ([steps = '1']) =>
      withServer(async ({ db }) => {
        if (steps !== 'all' && !/^[1-9]\d*$/.test(steps))
          throw new Error('rollback takes a number of steps, or all')
        const undone = await rollback(db, allMigrations(), steps === 'all' ? 'all' : Number(steps))
        print(
          undone.length === 0 ? 'nothing to take back' : undone.map((name) => `took back ${name}`).join('\n'),
        )
      }),
  },
  demo: {
    usage: 'demo                    loads the demo data; safe to repeat',
    run: () =>
      withServer(async ({ db }, settings) => {
        await migrate(db, allMigrations())
        const report = await loadDemo(db, { clock: systemClock, passwordHash: settings.passwordHash })
        print(JSON.stringify(report))
      }),
  },
  config: {
    usage: 'config                  prints the settings in force, secrets masked',
    run: async () => print(masked(readConfig(process.env))),
  },
  ...Object.fromEntries(
    Object.entries(documents).map(([name, { path }]): [string, Command] => [
      name,
      {
        usage: `${name.padEnd(13)} [--check] writes ${path}, or fails when it differs`,
        run: (args) => generate(name, args),
      },
    ]),
  ),
}

const main = async ([name = '', ...args]: readonly string[]): Promise<void> => {
  const command = commands[name]
  if (!command) {
    const usage = Object.values(commands).map((known) => `  plinth ${known.usage}`)
    throw new Error([name ? `There is no command ${name}.` : 'Which command?', ...usage].join('\n'))
  }
  await command.run(args)
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const known = error instanceof ConfigError || !(error instanceof Error)
  process.stderr.write(`${known ? String(error) : error.message}\n`)
  process.exitCode = 1
})
