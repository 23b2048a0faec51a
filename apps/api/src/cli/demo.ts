import { migrate } from '@plinth/db'
import { loadDemo } from '@plinth/demo'
import { systemClock } from '@plinth/kit'
import { allMigrations } from '../systems.ts'
import { type Command, withDatabase } from './command.ts'

/** Loads the demo data. */
export const demoCommand: Command = {
  usage: 'demo',
  does: 'loads the demo data; safe to repeat',
  run: (_, context) =>
    withDatabase(context, async (db, { passwordHash }) => {
      await migrate(db, allMigrations())
      context.print(JSON.stringify(await loadDemo(db, { clock: systemClock, passwordHash })))
    }),
}
