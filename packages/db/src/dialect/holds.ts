import { type Expression, type SqlBool, sql } from 'kysely'
import { searchWords } from '../fold.ts'

/** Where every word is held by one of the columns. */
export const holdsAmong =
  (holds: ReturnType<typeof createHolds>) =>
  (columns: readonly string[], words: readonly string[]): Expression<SqlBool> => {
    const inSome = (word: string) =>
      sql.join(
        columns.map((column) => holds(column, [word])),
        sql` or `,
      )
    const found = words.map((word) => sql`(${inSome(word)})`)
    return sql<SqlBool>`(${sql.join(found, sql` and `)})`
  }

/** Makes `Dialect.holds` with what the engine calls the place of a text in another. */
export const createHolds =
  (place: 'instr' | 'strpos') =>
  (column: string, words: readonly string[]): Expression<SqlBool> => {
    const found = searchWords(words.join(' ')).map(
      (word) => sql`${sql.raw(place)}(' ' || ${sql.ref(column)}, ${` ${word}`}) > 0`,
    )
    return found.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`(${sql.join(found, sql` and `)})`
  }
