import { giveRole } from '@plinth/core'
import { systemClock } from '@plinth/kit'
import { type Command, readArguments, UsageError, withDatabase } from './command.ts'

const WHY = {
  'no-account': 'there is no account with this email address: register it first',
  'no-role': 'there is no such role: super_admin may do all',
} as const

/** Gives an account a role: the way to the first one that may do all. */
export const roleCommand: Command = {
  usage: 'role EMAIL ROLE',
  does: 'gives an account a role, such as super_admin to the first one',
  async run(args, context) {
    const [email, role, ...more] = readArguments(args).plain
    if (email === undefined || role === undefined || more.length > 0)
      throw new UsageError('It takes an email address and a role')
    return withDatabase(context, async (db) => {
      const given = await db.transaction((trx) => giveRole(trx, { email, role, now: systemClock.now() }))
      if (given === 'given') context.print(`${email} has the role ${role}`)
      else context.warn(WHY[given])
      return given === 'given'
    })
  },
}
