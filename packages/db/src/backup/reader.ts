import {
  BackupError,
  type BackupHeader,
  type BackupRow,
  createDigest,
  type DigestedTable,
  sameRows,
  type TableDigest,
} from './format.ts'

/** One table of a backup. Walking `rows` to the end also checks that they are those that were written. */
export interface BackupTable extends DigestedTable {
  readonly rows: AsyncGenerator<BackupRow>
  /** What the backup says of the rows; call it when they are all read. */
  digest(): TableDigest
}

/** A backup that is read from its start to its end. */
export interface BackupReader {
  readonly header: BackupHeader
  readonly tables: AsyncGenerator<BackupTable>
}

const parse = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    throw new BackupError('the backup is damaged: a line of it is no JSON; take another one')
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')

const isHeader = (value: unknown): value is BackupHeader & Record<string, unknown> =>
  isObject(value) && value.plinth === 'backup' && typeof value.format === 'number'

const isDigest = (value: unknown): value is TableDigest & Record<string, unknown> =>
  isObject(value) &&
  typeof value.table === 'string' &&
  typeof value.rows === 'number' &&
  typeof value.sha256 === 'string'

const headerOf = (line: string | undefined): BackupHeader => {
  const value = line === undefined ? undefined : parse(line)
  if (!isHeader(value)) throw new BackupError('this is no backup of ours: its first line does not say so')
  if (value.format !== 1)
    throw new BackupError(
      `the backup has format ${String(value.format)}, this version reads 1: run a newer version`,
    )
  if (!isTexts(value.migrations) || typeof value.madeAt !== 'string')
    throw new BackupError('the backup is damaged: its first line is not whole; take another one')
  return value
}

const cut = () => new BackupError('the backup is cut off: its end is missing; take another one')

const isColumns = (value: unknown): value is [string, string][] =>
  Array.isArray(value) && value.every((item) => isTexts(item) && item.length === 2)

const openTable = (lines: AsyncIterator<string, undefined>, start: Record<string, unknown>): BackupTable => {
  if (typeof start.table !== 'string' || !isColumns(start.columns))
    throw new BackupError('the backup is damaged: a table of it is not described; take another one')
  const name: string = start.table
  const columns = start.columns.map(([column, kind]) => ({ name: column, kind }))
  let told: TableDigest | undefined
  const damaged = () => new BackupError(`the backup is damaged in the table ${name}; take another one`)
  async function* rows(): AsyncGenerator<BackupRow> {
    const found = createDigest({ name, columns })
    for (;;) {
      const next = await lines.next()
      if (next.done) throw cut()
      const value = parse(next.value)
      if (Array.isArray(value)) {
        found.add(value, next.value)
        yield value
        continue
      }
      if (!isObject(value) || !isDigest(value.end) || !sameRows(found.end(), value.end)) throw damaged()
      told = value.end
      return
    }
  }
  const digest = () => {
    if (!told) throw new Error('the rows of a table must be read before its digest')
    return told
  }
  return { name, columns, rows: rows(), digest }
}

async function* tablesIn(lines: AsyncIterator<string, undefined>): AsyncGenerator<BackupTable> {
  for (let count = 0; ; count += 1) {
    const next = await lines.next()
    if (next.done) throw cut()
    const value = parse(next.value)
    if (!isObject(value)) throw new BackupError('the backup is damaged: a row of it has no table')
    if (typeof value.tables !== 'number') {
      yield openTable(lines, value)
      continue
    }
    if (value.tables !== count) throw cut()
    return
  }
}

/**
 * Reads the lines of a backup; whatever is missing or out of place is refused by `BackupError`. However the work ends,
 * what is behind the lines, a file or a snapshot, is let go.
 */
export const readBackup = async <R>(
  lines: AsyncIterable<string, undefined>,
  work: (reader: BackupReader) => Promise<R>,
): Promise<R> => {
  const iterator = lines[Symbol.asyncIterator]()
  try {
    const first = await iterator.next()
    const header = headerOf(first.done ? undefined : first.value)
    return await work({ header, tables: tablesIn(iterator) })
  } finally {
    await iterator.return?.()
  }
}
