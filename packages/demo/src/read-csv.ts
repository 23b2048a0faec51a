import { readFile } from 'node:fs/promises'
import { parse } from 'csv-parse/sync'
import type { z } from 'zod'

/** A file of demo data that can't be used; the message names the file, the line and the column. */
export class DemoDataError extends Error {
  override readonly name = 'DemoDataError'
}

interface Parsed {
  readonly record: unknown
  readonly info: { readonly lines: number }
}

const refuse = (name: string, line: number, problem: string): never => {
  throw new DemoDataError(`${name}, line ${line}: ${problem}`)
}

/**
 * The rows of a CSV file with a header, every one checked.
 * @throws {DemoDataError} for the first row that does not fit.
 */
export const readCsv = async <Row>(folder: URL, name: string, schema: z.ZodType<Row>): Promise<Row[]> => {
  const text = await readFile(new URL(name, folder), 'utf8')
  const parsed: Parsed[] = parse(text, { columns: true, info: true, relax_column_count: true })
  return parsed.map(({ record, info }) => {
    const { success, data, error } = schema.safeParse(record)
    if (success) return data
    const [issue] = error.issues
    return refuse(name, info.lines, `${issue?.path.join('.')} ${issue?.message}`)
  })
}
