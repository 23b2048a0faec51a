import { createDb, type Database } from '@plinth/db'
import type { KitTables } from '@plinth/kit'
import { readConfig } from '../config.ts'
import type { Settings } from '../settings.ts'

/** What a command is given: where its settings come from, and where its words go. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>
  print(line: string): void
  /** For what is said beside the result: warnings. */
  warn(line: string): void
}

/** One verb of the command line. It rejects when it failed; false says that it ran to its end and found faults. */
export interface Command {
  /** The verb with its arguments. */
  readonly usage: string
  readonly does: string
  run(args: readonly string[], context: CommandContext): Promise<unknown>
}

/** The command was called in a way that it does not understand; the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Arguments by what they are: those that start with `--` are options, which take a value where `valued` names them. */
export interface Arguments {
  readonly plain: readonly string[]
  readonly flags: ReadonlySet<string>
  readonly values: ReadonlyMap<string, string>
}

/** Reads arguments; an option that is not known, or lacks its value, is a `UsageError`. */
export const readArguments = (
  args: readonly string[],
  known: { readonly flags?: readonly string[]; readonly valued?: readonly string[] } = {},
): Arguments => {
  const plain: string[] = []
  const flags = new Set<string>()
  const values = new Map<string, string>()
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? ''
    const name = word.slice(2)
    if (!word.startsWith('--')) plain.push(word)
    else if (known.flags?.includes(name)) flags.add(name)
    else if (known.valued?.includes(name)) {
      at += 1
      const value = args[at]
      if (value === undefined || value.startsWith('--')) throw new UsageError(`${word} needs a value`)
      values.set(name, value)
    } else throw new UsageError(`There is no option ${word}`)
  }
  return { plain, flags, values }
}

/** The one argument of a command. */
export const onlyArgument = ({ plain }: Arguments, what: string): string => {
  const [first] = plain
  if (first === undefined || plain.length > 1) throw new UsageError(`It takes one ${what}`)
  return first
}

// Whoever runs a command waits for it: what would be too slow for an answer is not too slow for them.
const PATIENT_MS = 3_600_000

/** Opens the database of the settings, or of another address, and closes it at the end. */
export const withDatabase = async <R>(
  { env }: CommandContext,
  work: (db: Database<KitTables>, settings: Settings) => Promise<R>,
  url?: string,
): Promise<R> => {
  const settings = readConfig(env)
  const { database } = settings
  const db = await createDb<KitTables>({
    ...database,
    url: url ?? database.url,
    statementTimeoutMs: Math.max(PATIENT_MS, database.statementTimeoutMs),
  })
  try {
    return await work(db, settings)
  } finally {
    await db.close()
  }
}
