import { migrate, rollback } from '@plinth/db'
import { allMigrations } from '../systems.ts'
import { type Command, onlyArgument, readArguments, UsageError, withDatabase } from './command.ts'

/** Applies migrations. */
export const migrateCommand: Command = {
  usage: 'migrate',
  does: 'applies all migrations that are missing',
  run: (_, context) =>
    withDatabase(context, async (db) => {
      const applied = await migrate(db, allMigrations())
      context.print(
        applied.length === 0 ? 'nothing to apply' : applied.map((name) => `applied ${name}`).join('\n'),
      )
    }),
}

/** Takes migrations back. */
export const rollbackCommand: Command = {
  usage: 'rollback [STEPS|all]',
  does: 'takes back the last migration, or several',
  async run(args, context) {
    const steps = args.length === 0 ? '1' : onlyArgument(readArguments(args), 'number of steps, or all')
    if (steps !== 'all' && !/^[1-9]\d*$/.test(steps))
      throw new UsageError('It takes a number of steps, or all')
    await withDatabase(context, async (db) => {
      const undone = await rollback(db, allMigrations(), steps === 'all' ? 'all' : Number(steps))
      context.print(
        undone.length === 0 ? 'nothing to take back' : undone.map((name) => `took back ${name}`).join('\n'),
      )
    })
  },
}
