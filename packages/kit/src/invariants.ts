import { type Database, orphansOf, type ReadDb } from '@plinth/db'
import type { KitTables } from './tables.ts'

/** One row that breaks an invariant, and what is wrong with it, for somebody who has to mend it. */
export interface Breach {
  readonly row: string
  readonly found: string
}

interface Look {
  readonly now: Date
  /** How many breaches are wanted at the most. */
  readonly most: number
}

/** Something that must hold in every database at any moment, written as a query for what breaks it. */
export interface Invariant {
  /** Table and what holds, such as `products.stock`. */
  readonly name: string
  readonly says: string
  find(db: Database<KitTables>, look: Look): Promise<readonly Breach[]>
}

interface Rule<T> {
  readonly says: string
  find(db: ReadDb<T>, look: Look): Promise<readonly Breach[]>
}

/** Makes the invariants of a system over its own tables. */
export const invariantsOf =
  <T>() =>
  (rules: Readonly<Record<string, Rule<T>>>): Invariant[] =>
    Object.entries(rules).map(([name, { says, find }]) => ({
      name,
      says,
      find: (db, look) => find(db.as<T>().read, look),
    }))

/** What became of one invariant. */
export interface Verified {
  readonly name: string
  readonly says: string
  readonly breaches: readonly Breach[]
}

/** Checks invariants one after the other, on a database that others go on using. */
export const verifyInvariants = async (
  db: Database<KitTables>,
  invariants: readonly Invariant[],
  look: Look,
): Promise<Verified[]> => {
  const verified: Verified[] = []
  for (const { name, says, find } of invariants) {
    try {
      verified.push({ name, says, breaches: (await find(db, look)).slice(0, look.most) })
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new Error(`the invariant ${name} could not be checked: ${reason}`, { cause })
    }
  }
  return verified
}

/** How long what should be done within seconds may wait before somebody has to look. */
export const WAITED_LONG_MS = 3_600_000

const references: Invariant = {
  name: 'references',
  says: 'every reference leads to a row that is there',
  find: async (db, { most }) =>
    (await orphansOf(db, most)).map(({ table, row, missing }) => ({
      row: `${table} ${row}`,
      found: `refers to ${missing}, which is not there`,
    })),
}

/** What must hold in the tables of the kit, and of references in all tables. */
export const kitInvariants: readonly Invariant[] = [
  references,
  ...invariantsOf<KitTables>()({
    'outbox.delivered': {
      says: 'every event is handed to its subscribers within an hour',
      async find(db, { now, most }) {
        const rows = await db
          .selectFrom('outbox')
          .select(['id', 'type', 'created_at'])
          .where('dispatched_at', 'is', null)
          .where('created_at', '<', new Date(now.getTime() - WAITED_LONG_MS).toISOString())
          .orderBy('id')
          .limit(most)
          .execute()
        return rows.map((row) => ({
          row: `outbox id=${row.id}`,
          found: `${row.type} waits since ${row.created_at}`,
        }))
      },
    },
    'audit_log.code': {
      says: 'a refusal in the audit log has its code, and what was done has none',
      async find(db, { most }) {
        const rows = await db
          .selectFrom('audit_log')
          .select(['id', 'outcome', 'code'])
          .where(({ or, and }) =>
            or([
              and({ outcome: 'refused' as const }).and('code', 'is', null),
              and({ outcome: 'done' as const }).and('code', 'is not', null),
            ]),
          )
          .limit(most)
          .execute()
        return rows.map((row) => ({
          row: `audit_log id=${row.id}`,
          found: `${row.outcome} with code ${row.code}`,
        }))
      },
    },
  }),
]
