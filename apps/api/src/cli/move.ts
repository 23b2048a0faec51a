import { moveDatabase } from '@plinth/db'
import { allMigrations } from '../systems.ts'
import { type Command, readArguments, UsageError, withDatabase } from './command.ts'
import { printVerified } from './verify.ts'

const MOST = 20

/** Copies a database into another, of either engine. */
export const moveCommand: Command = {
  usage: 'move --from URL --to URL [--replace]',
  does: 'copies a database into an empty one, also of the other engine; compares all rows, then verifies',
  async run(args, context) {
    const { plain, flags, values } = readArguments(args, { flags: ['replace'], valued: ['from', 'to'] })
    const from = values.get('from')
    const to = values.get('to')
    if (plain.length > 0 || from === undefined || to === undefined)
      throw new UsageError('It takes --from URL and --to URL')
    if (from === to) throw new UsageError('--from and --to are the same database')
    const options = { replace: flags.has('replace') }
    return withDatabase(
      context,
      (source) =>
        withDatabase(
          context,
          async (target) => {
            const { tables } = await moveDatabase(source, target, allMigrations(), options)
            for (const { table, rows, sha256 } of tables)
              context.print(`${table}: ${rows} rows, SHA-256 ${sha256}`)
            return printVerified(target, context, MOST)
          },
          to,
        ),
      from,
    )
  },
}
