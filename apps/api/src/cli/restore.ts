import { backupFileLines, restoreLines } from '@plinth/db'
import { allMigrations } from '../systems.ts'
import { type Command, onlyArgument, readArguments, withDatabase } from './command.ts'

/** Puts a backup into the database of the settings. */
export const restoreCommand: Command = {
  usage: 'restore FILE [--replace]',
  does: 'puts a backup into an empty database; with --replace what it holds is deleted first',
  async run(args, context) {
    const given = readArguments(args, { flags: ['replace'] })
    const path = onlyArgument(given, 'file')
    await withDatabase(context, async (db) => {
      const replace = given.flags.has('replace')
      const { madeAt, tables } = await restoreLines(db, () => backupFileLines(path), allMigrations(), {
        replace,
      })
      const rows = tables.reduce((sum, table) => sum + table.rows, 0)
      context.print(`restored ${rows} rows of ${tables.length} tables, the state of ${madeAt}`)
    })
  },
}
