import { mkdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { recordBackup } from '@plinth/core'
import { type Database, writeBackupFile } from '@plinth/db'
import type { KitTables } from '@plinth/kit'
import { type Command, type CommandContext, onlyArgument, readArguments, withDatabase } from './command.ts'

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => path.endsWith('/'),
  )

const fileFor = async (target: string, now: Date): Promise<string> => {
  if (!(await isFolder(target))) return resolve(target)
  await mkdir(target, { recursive: true, mode: 0o700 })
  const at = now.toISOString().replaceAll(/[-:]|\.\d+/g, '')
  return resolve(join(target, `plinth-${at}.backup.gz`))
}

type Outcome = Parameters<typeof recordBackup>[1]

// A backup that is there counts for more than its record: what could not be written down is said.
const record = async (db: Database<KitTables>, outcome: Outcome, { warn }: CommandContext): Promise<void> => {
  try {
    await db.transaction((trx) => recordBackup(trx, outcome))
  } catch (error) {
    warn(
      `The outcome was not recorded (${String(error)}): run plinth migrate if the database is older than this version`,
    )
  }
}

/** Makes a backup while others go on using the database, and records how it went. */
export const backupCommand: Command = {
  usage: 'backup FILE|FOLDER',
  does: 'backs the database up while it serves; in a folder the file is named by the time',
  async run(args, context) {
    const startedAt = new Date()
    const path = await fileFor(onlyArgument(readArguments(args), 'file or folder'), startedAt)
    await withDatabase(context, async (db) => {
      const facts = { startedAt, location: path }
      try {
        const { bytes, tables } = await writeBackupFile(db, path)
        const rows = tables.reduce((sum, table) => sum + table.rows, 0)
        await record(db, { ...facts, endedAt: new Date(), bytes, rows, error: null }, context)
        context.print(`backed up ${rows} rows of ${tables.length} tables into ${path} (${bytes} bytes)`)
      } catch (error) {
        await record(db, { ...facts, endedAt: new Date(), bytes: 0, rows: 0, error: String(error) }, context)
        throw error
      }
    })
  },
}
