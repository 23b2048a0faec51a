import type { CompiledQuery } from 'kysely'
import type { Settings } from '../config.ts'
import { searchWords } from '../fold.ts'
import type { Observe } from '../statements.ts'
import { kysely } from './sqlite/compiler.ts'
import { createReaders } from './sqlite/connections.ts'
import { explain } from './sqlite/explain.ts'
import { measure } from './sqlite/measure.ts'
import { tables } from './sqlite/schema.ts'
import { countMatches, holds, matches, matchesRow, ranked } from './sqlite/search.ts'
import { toolsOf } from './sqlite/tools.ts'
import { createWriter } from './sqlite/writer.ts'
import { type Dialect, type Engine, fullHandle } from './types.ts'

const dialect: Dialect = {
  searchWords,
  matches,
  matchesRow,
  holds,
  ranked,
  estimateMatches: (db, ...asked) => countMatches(fullHandle(db), ...asked),
  // FTS5 walks the lists of all words side by side, in the order of the rows.
  rareWord: () => Promise.resolve(undefined),
  countMatches: (db, ...asked) => countMatches(fullHandle(db), ...asked),
  // The transaction that asks is the only one there is.
  tryLock: () => Promise.resolve(true),
  lock: () => Promise.resolve(),
  // Whoever shares a file shares the machine, and so its clock.
  now: () => Promise.resolve(new Date()),
  explain: (db, query) => explain(fullHandle(db), query.compile()),
}

/** Opens an SQLite file, which is made with its folder when it is not there: one connection that writes, and others beside it that read the last commit. */
export const openEngine = async (settings: Settings, observe: Observe): Promise<Engine> => {
  const writer = createWriter(settings, observe)
  const readers = createReaders(settings, observe)
  return {
    name: 'sqlite',
    address: null,
    dialect,
    kysely,
    snapshot: 'begin',
    read: async (query: CompiledQuery) => readers.shared.run(query),
    reserve: readers.reserve,
    async begin(purpose) {
      const session = await writer.begin(purpose)
      if (purpose === 'data') return session
      const commit = async () => {
        await session.commit()
        writer.session.forget()
        readers.forget()
      }
      return { ...session, commit }
    },
    isRetryable: () => false,
    tools: toolsOf,
    tables,
    notices: null,
    // A transaction for `schema` has references off and checks them all before its commit.
    suspendReferences: () => Promise.resolve(() => Promise.resolve()),
    measure: () => measure(settings.location, { read: readers.stats(), write: writer.stats() }),
    stats: () => ({
      read: readers.stats(),
      write: writer.stats(),
      statements: { cached: writer.session.statements + readers.statements() },
    }),
    async close() {
      readers.close()
      await writer.close()
    },
  }
}
