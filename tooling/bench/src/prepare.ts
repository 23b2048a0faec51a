import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { allMigrations, readConfig } from '@plinth/api'
import { createDb, migrate } from '@plinth/db'
import { demoAccounts, loadDemo } from '@plinth/demo'
import pg from 'pg'
import { findServer } from '../../../packages/db/src/testing/server.ts'
import type { DatabaseName } from './options.ts'

/** A fresh database with the demo data. */
export interface Prepared extends AsyncDisposable {
  readonly url: string
  /** Somebody who may change products. */
  readonly manager: { readonly email: string; readonly password: string }
}

interface PrepareOptions {
  /** Whether it holds the demo data; left out: yes. */
  readonly demo?: boolean
}

const fill = async (url: string, demo: boolean): Promise<Prepared['manager']> => {
  const { passwordHash } = readConfig({})
  const db = await createDb({ url, synchronous: 'normal' })
  try {
    await migrate(db, allMigrations())
    if (demo) await loadDemo(db.as(), { clock: { now: () => new Date() }, passwordHash })
  } finally {
    await db.close()
  }
  const manager = demoAccounts.find(({ role }) => role === 'manager')
  if (!manager) throw new Error('the demo data has no manager')
  return manager
}

const makeFile = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-bench-'))
  return {
    url: `sqlite:${join(folder, 'bench.db')}`,
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Runs one statement on a database of the server, outside of any transaction. */
export const administer = async (url: string, statement: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

const makeOnServer = async () => {
  const server = await findServer()
  const name = `plinth_bench_${process.pid}_${randomBytes(4).toString('hex')}`
  await administer(server.url, `create database "${name}" template template0 encoding 'UTF8'`)
  const url = new URL(server.url)
  url.pathname = `/${name}`
  return {
    url: url.href,
    async remove() {
      await administer(server.url, `drop database if exists "${name}" with (force)`)
      await server.stop()
    },
  }
}

/** Makes a database of this run's own, migrated and loaded; it is removed when it goes out of scope. */
export const prepareDatabase = async (
  name: DatabaseName,
  { demo = true }: PrepareOptions = {},
): Promise<Prepared> => {
  const { url, remove } = await (name === 'sqlite' ? makeFile() : makeOnServer())
  try {
    return { url, manager: await fill(url, demo), [Symbol.asyncDispose]: remove }
  } catch (error) {
    await remove()
    throw error
  }
}
