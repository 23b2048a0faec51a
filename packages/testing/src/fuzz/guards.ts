import { strict as assert } from 'node:assert'
import type { ContractRecord } from '@plinth/contract'
import { walk } from '@plinth/contract'
import type { Database } from '@plinth/db'
import type { KitTables } from '@plinth/kit'
import { paramsOf } from '../matrix/case.ts'
import { callerOf, send, type Target } from '../matrix/matrix.ts'
import { type Caller, sampleOf } from '../matrix/sample.ts'
import { rowCounts } from '../matrix/tables.ts'
import { isRecord } from '../matrix/wire.ts'
import { plainWire } from '../matrix/wire-trpc.ts'

const TOKENS = /"[^"]*"|'(?:[^']|'')*'|--|\/\*|\w+|[^\s\w]/g

/** The words of a statement, its numbered placeholders all alike. */
const wordsOf = (statement: string): readonly string[] => statement.replace(/\$\d+/g, '?').match(TOKENS) ?? []

/** Knows the words of all statements that harmless calls led to. */
export const createVocabulary = (db: Pick<Database, 'slowest' | 'resetCosts'>) => {
  const known = new Set<string>()
  const taken = (): string[] => {
    const words = db.slowest(Number.MAX_SAFE_INTEGER).flatMap(({ sql }) => wordsOf(sql))
    db.resetCosts()
    // A condition that never holds is written with a digit: which one says nothing.
    return [...new Set(words)].filter((word) => !/^\d$/.test(word))
  }
  return {
    /** Learns the words of what ran since it was asked last. */
    learn(): void {
      for (const word of taken()) known.add(word)
    },
    /** Fails where a statement that ran since holds a word that is not known: input has become a part of it. */
    check(): void {
      assert.ok(known.size > 0, 'No statement is known')
      const fresh = taken().filter((word) => !known.has(word))
      assert.deepEqual(fresh, [], 'A statement has words that no harmless call led to')
    },
  }
}

/** How often each table was counted to change. */
export interface Counts {
  readonly rows: Readonly<Record<string, number>>
  readonly done: number
}

/** Rows by table, and how many changes the audit log tells of. */
export const countAll = async (db: Database<KitTables>): Promise<Counts> => {
  const { count } = await db.read
    .selectFrom('audit_log')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('outcome', '=', 'done')
    .executeTakeFirstOrThrow()
  return { rows: await rowCounts(db), done: Number(count) }
}

/** The tables whose number of rows differs. */
export const changedTables = (before: Counts, after: Counts): readonly string[] =>
  Object.keys(after.rows).filter((table) => before.rows[table] !== after.rows[table])

/** Reads of records that nobody works on: what they answer must stay what it was. */
export const createCanaries = async <World, Who extends Caller>(
  contract: ContractRecord,
  samples: unknown,
  target: Target<World, Who>,
) => {
  const read = async (name: string, procedure: (typeof procedures)[number][1]) => {
    const sample = sampleOf<World, Who>(samples, name)
    assert.ok(sample, `${name} has no sample`)
    const subject = { name, procedure, wire: plainWire(name, procedure), sample, target }
    const caller = await callerOf(subject)
    const input: unknown = await sample.input(target.world, caller)
    const token = caller?.accessToken
    return async () => JSON.stringify((await send(subject, subject.wire.encode(input), { token })).body)
  }
  const procedures = [...walk(contract)].filter(
    ([name, procedure]) => procedure.kind === 'query' && paramsOf(name, procedure).length > 0,
  )
  const reads = await Promise.all(
    procedures.map(async ([name, procedure]) => {
      const ask = await read(name, procedure)
      return { name, ask, before: await ask() }
    }),
  )
  return async (): Promise<void> => {
    assert.ok(reads.length > 0, 'There is nothing to read')
    for (const { name, ask, before } of reads) assert.deepEqual([name, await ask()], [name, before])
  }
}

const MARKUP = /<[a-z/!?]/i

/** The texts within an answer that a browser would take for markup. */
export const markupIn = (value: unknown): string[] => {
  if (typeof value === 'string') return MARKUP.test(value) ? [value] : []
  if (Array.isArray(value)) return value.flatMap(markupIn)
  return isRecord(value) ? Object.values(value).flatMap(markupIn) : []
}
