import { explain } from '../explain.ts'
import { backupCommand } from './backup.ts'
import { type Command, type CommandContext, UsageError } from './command.ts'
import { configCommand } from './config.ts'
import { demoCommand } from './demo.ts'
import { documentCommands } from './documents.ts'
import { migrateCommand, rollbackCommand } from './migrate.ts'
import { moveCommand } from './move.ts'
import { restoreCommand } from './restore.ts'
import { roleCommand } from './role.ts'
import { verifyCommand } from './verify.ts'
import { workerCommand } from './worker.ts'

const commands: Readonly<Record<string, Command>> = {
  migrate: migrateCommand,
  rollback: rollbackCommand,
  backup: backupCommand,
  restore: restoreCommand,
  verify: verifyCommand,
  move: moveCommand,
  worker: workerCommand,
  demo: demoCommand,
  role: roleCommand,
  config: configCommand,
  ...documentCommands,
}

const usage = (): string => {
  const width = Math.max(...Object.values(commands).map((command) => command.usage.length))
  const lines = Object.values(commands).map(
    (command) => `  plinth ${command.usage.padEnd(width)}  ${command.does}`,
  )
  return [...lines, 'Exit codes: 0 done, 1 failed or found faults, 2 called in a wrong way.'].join('\n')
}

/** Runs one command of the command line; answers the exit code. */
export const runCommand = async (
  [name = '', ...args]: readonly string[],
  context: CommandContext,
): Promise<number> => {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (name === 'help' || name === '--help') {
    context.print(usage())
    return 0
  }
  if (!command) {
    context.warn(`${name === '' ? 'Which command?' : `There is no command ${name}.`}\n${usage()}`)
    return 2
  }
  try {
    return (await command.run(args, context)) === false ? 1 : 0
  } catch (error) {
    const wrong = error instanceof UsageError
    context.warn(wrong ? `${error.message}: plinth ${command.usage}` : explain(error, context.env))
    return wrong ? 2 : 1
  }
}
