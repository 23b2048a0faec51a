import { createHash } from 'node:crypto'

/** A backup can't be made, read or restored; the message says why and what to do. */
export class BackupError extends Error {
  override readonly name = 'BackupError'
}

/** How many rows a table has, and the SHA-256 over them in the order of their key: equal on every engine. */
export interface TableDigest {
  readonly table: string
  readonly rows: number
  readonly sha256: string
}

/** The first line of a backup: what it is, when its one state of the data was read, and which schema it has. */
export interface BackupHeader {
  readonly plinth: 'backup'
  readonly format: 1
  readonly madeAt: string
  readonly migrations: readonly string[]
}

/** What a backup holds, table by table. */
export interface BackupSummary {
  readonly madeAt: string
  readonly migrations: readonly string[]
  readonly tables: readonly TableDigest[]
}

/** A table by its name and what its columns are called and are, in their order. */
export interface DigestedTable {
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly kind: string }[]
}

/** One row, its values in the order of the table's columns. */
export type BackupRow = readonly unknown[]

const byKey = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1)

// One engine keeps the order of an object's keys and the other does not: it is no part of the value.
const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(byKey)
      .map(([key, inner]) => [key, canonical(inner)]),
  )
}

/** Takes the digest of a table, row by row. */
export const createDigest = ({ name, columns }: DigestedTable) => {
  const hash = createHash('sha256')
  const documents = columns.flatMap(({ kind }, index) => (kind === 'json' ? [index] : []))
  let rows = 0
  return {
    /** Adds a row; `line` is its JSON, where that is at hand. */
    add(row: BackupRow, line?: string): void {
      rows += 1
      if (documents.length === 0) {
        hash.update(line ?? JSON.stringify(row)).update('\n')
        return
      }
      const copy = [...row]
      for (const index of documents) copy[index] = canonical(copy[index])
      hash.update(JSON.stringify(copy)).update('\n')
    },
    end: (): TableDigest => ({ table: name, rows, sha256: hash.digest('hex') }),
  }
}

/** Whether two digests of one table are of the same rows. */
export const sameRows = (a: TableDigest, b: TableDigest): boolean =>
  a.rows === b.rows && a.sha256 === b.sha256
