import type { Database } from '@plinth/db'
import { type KitTables, verifyInvariants } from '@plinth/kit'
import { allInvariants } from '../systems.ts'
import { type Command, type CommandContext, readArguments, UsageError, withDatabase } from './command.ts'

/** Checks all invariants and prints each row that breaks one; false when there are any. */
export const printVerified = async (
  db: Database<KitTables>,
  { print }: CommandContext,
  most: number,
): Promise<boolean> => {
  const verified = await verifyInvariants(db, allInvariants(), { now: new Date(), most })
  const broken = verified.filter(({ breaches }) => breaches.length > 0)
  for (const { name, says, breaches } of broken) {
    print(`broken: ${name}: ${says}`)
    for (const { row, found } of breaches) print(`  ${row}: ${found}`)
    if (breaches.length === most) print(`  perhaps more: --most ${most * 10} shows them`)
  }
  print(`${verified.length - broken.length} of ${verified.length} invariants hold`)
  return broken.length === 0
}

const DEFAULT_MOST = '20'

/** Checks what must hold in the database of the settings. */
export const verifyCommand: Command = {
  usage: 'verify [--most N]',
  does: 'checks what must hold in a live database, and names each row that breaks it',
  async run(args, context) {
    const { plain, values } = readArguments(args, { valued: ['most'] })
    const most = values.get('most') ?? DEFAULT_MOST
    if (plain.length > 0 || !/^[1-9]\d{0,5}$/.test(most))
      throw new UsageError('--most takes a number of rows')
    return withDatabase(context, (db) => printVerified(db, context, Number(most)))
  },
}
