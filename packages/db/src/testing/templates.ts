import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type pg from 'pg'
import { createDb } from '../database.ts'
import { type Migrations, migrate } from '../migrate.ts'
import { connected, empty, lookAt, type Untouched } from './recycle.ts'
import { findServer } from './server.ts'

/** A database of its own for one test, and how it is removed. */
export interface TestUrl {
  url: string
  dispose(): Promise<void>
}

const DAY_S = 86_400
const PREFIX = 'plinth_test'
// Any constant will do: it keeps workers from making the same template at once.
const TEMPLATE_LOCK = 7_246_105_319

const seconds = () => Math.trunc(Date.now() / 1000)

// What a migration makes depends on the helpers that it calls as well.
const HELPERS = ['search.ts', 'tools.ts'].map((name) =>
  readFileSync(new URL(`../dialect/postgres/${name}`, import.meta.url), 'utf8'),
)

/** A name for what a list of migrations makes, which changes with their text and with that of their helpers. */
export const fingerprint = (migrations: Migrations): string => {
  const hash = createHash('sha256')
  for (const helper of HELPERS) hash.update(helper)
  for (const name of Object.keys(migrations).sort())
    hash.update(`${name}\n${String(migrations[name]?.up)}\n${String(migrations[name]?.down)}\n`)
  return hash.digest('hex').slice(0, 16)
}

const withName = (server: string, name: string): string => {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

let server: Promise<string> | undefined

const serverUrl = (): Promise<string> => {
  server ??= findServer().then(({ url }) => url)
  return server
}

// The time in a name tells how old a database is, which the catalogue does not.
const dropLeftovers = async (client: pg.Client) => {
  const { rows } = await client.query<{ name: string }>(
    `select datname as name from pg_database where datname like '${PREFIX}\\_%'`,
  )
  for (const { name } of rows) {
    const made = Number(name.split('_')[3])
    if (made < seconds() - 2 * DAY_S) await client.query(`drop database if exists "${name}" with (force)`)
  }
}

/** Removes the templates of one run, and the copies that were kept for its next test. */
export const dropTemplates = (url: string, run: string): Promise<void> =>
  connected(url, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      'select datname as name from pg_database where datname like $1',
      [`${PREFIX}\\_%\\_%\\_${run}\\_%`],
    )
    for (const { name } of rows) await client.query(`drop database if exists "${name}" with (force)`)
  })

const makeTemplate = async (client: pg.Client, url: string, name: string, migrations: Migrations) => {
  const draft = `${PREFIX}_draft_${seconds()}_${randomBytes(6).toString('hex')}`
  await client.query(`create database "${draft}" template template0 encoding 'UTF8'`)
  const db = await createDb({ url: withName(url, draft), pool: { min: 0 } })
  try {
    await migrate(db, migrations)
  } finally {
    await db.close()
  }
  await client.query(`alter database "${draft}" rename to "${name}"`)
}

const templates = new Map<string, Promise<string>>()

const templateOf = (url: string, migrations: Migrations): Promise<string> => {
  const print = fingerprint(migrations)
  const known = templates.get(print)
  if (known) return known
  const day = Math.trunc(seconds() / DAY_S) * DAY_S
  // The text of the migrations does not show a change in what they call, so a run makes its own.
  const run = process.env.TEST_RUN ?? 'shared'
  const name = `${PREFIX}_template_${day}_${run}_${print}`
  const made = connected(url, async (client) => {
    await client.query(`select pg_advisory_lock(${TEMPLATE_LOCK})`)
    const { rows } = await client.query('select 1 from pg_database where datname = $1', [name])
    if (rows.length === 0) {
      await dropLeftovers(client)
      await makeTemplate(client, url, name, migrations)
    }
    return name
  })
  templates.set(print, made)
  return made
}

const makeClone = async (url: string, template: string): Promise<string> => {
  const run = process.env.TEST_RUN ?? 'shared'
  const name = `${PREFIX}_clone_${seconds()}_${run}_${process.pid}_${randomBytes(6).toString('hex')}`
  await connected(url, (client) => client.query(`create database "${name}" template "${template}"`))
  return name
}

const drop = (url: string, name: string) =>
  connected(url, (client) => client.query(`drop database if exists "${name}" with (force)`))

// Copies that tests of this process are done with, by template: to empty one takes a tenth of making the next.
const spares = new Map<string, { untouched: Promise<Untouched | null>; names: string[] }>()

/** A copy of the migrated template, empty, for one test at a time. */
export const cloneTemplate = async (migrations: Migrations): Promise<TestUrl> => {
  const url = await serverUrl()
  const template = await templateOf(url, migrations)
  const name = spares.get(template)?.names.pop() ?? (await makeClone(url, template))
  const own = withName(url, name)
  const { untouched, names } = spares.get(template) ?? { untouched: lookAt(own), names: [] }
  spares.set(template, { untouched, names })
  const before = await untouched
  let isDisposed = false
  return {
    url: own,
    dispose: async () => {
      if (isDisposed) return
      isDisposed = true
      // Nobody drops what is kept where no run ends.
      const keeps = process.env.TEST_RUN !== undefined && before !== null
      if (keeps && (await empty(own, before))) names.push(name)
      else await drop(url, name)
    },
  }
}
