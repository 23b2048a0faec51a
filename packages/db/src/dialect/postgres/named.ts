import type { Connection, Submittable } from 'pg'
import { serialize } from 'pg-protocol'
import type { Bindable } from '../../parameters.ts'
import { types } from './codec.ts'

type Row = Record<string, unknown>

/** How the rows of one statement are read: names and decoders of its columns, in their order. */
interface Columns {
  readonly names: readonly string[]
  readonly decoders: readonly ((text: string) => unknown)[]
}

/** What the statements that one connection holds prepared answer, by their names. */
export type PreparedColumns = Map<string, Columns>

/** What a statement came to. */
export interface Outcome {
  readonly command: string
  readonly rows: Row[]
  /** Rows that were changed; 0 for a statement that only reads. */
  readonly count: number
}

/** A statement with its values, and the name that the server keeps it under. */
export interface Asked {
  readonly name: string
  readonly text: string
  readonly values: readonly Bindable[]
}

interface Settle {
  resolve(outcome: Outcome): void
  reject(error: unknown): void
}

const NO_COLUMNS: Columns = { names: [], decoders: [] }
const DESCRIBE = serialize.describe({ type: 'P' })
const EXECUTE_AND_SYNC = Buffer.concat([serialize.execute(), serialize.sync()])

const bound = (value: Bindable): string | null => (value === null ? null : String(value))

/**
 * A statement that the server keeps prepared, run through the driver's interface for queries of other making. The
 * driver's own asks for the description of the columns with every run and sends each message by itself; here the
 * description is asked for once per connection (a plan whose columns have changed is refused by the server), and the
 * messages go out as one.
 *
 * Messages and their order: PostgreSQL documentation, "Frontend/Backend Protocol", section "Extended Query".
 */
export class NamedStatement implements Submittable {
  // The driver reads both, to remember what is prepared.
  readonly name: string
  readonly text: string
  readonly #values: readonly Bindable[]
  readonly #prepared: PreparedColumns
  readonly #settle: Settle
  readonly #rows: Row[] = []
  #columns: Columns = NO_COLUMNS
  #command = ''
  #failure: unknown

  constructor({ name, text, values }: Asked, prepared: PreparedColumns, settle: Settle) {
    this.name = name
    this.text = text
    this.#values = values
    this.#prepared = prepared
    this.#settle = settle
  }

  submit({ stream }: Connection): void {
    const { name, text } = this
    const bind = serialize.bind({ statement: name, values: this.#values.map(bound) })
    // Looked up only now: while this one waited for its turn, another run of it may have prepared it.
    const prepared = this.#prepared.get(name)
    if (prepared) this.#columns = prepared
    const messages = prepared
      ? [bind, EXECUTE_AND_SYNC]
      : // A try that failed may have left the name behind; to close one that is not there is no error.
        [
          serialize.close({ type: 'S', name }),
          serialize.parse({ name, text }),
          bind,
          DESCRIBE,
          EXECUTE_AND_SYNC,
        ]
    // To a connection that is gone nothing can be sent: its end is told by `handleError`.
    if (stream.writable) stream.write(Buffer.concat(messages))
  }

  handleRowDescription({ fields }: { fields: readonly { name: string; dataTypeID: number }[] }): void {
    this.#columns = {
      names: fields.map(({ name }) => name),
      decoders: fields.map(({ dataTypeID }) => types.getTypeParser(dataTypeID)),
    }
  }

  handleDataRow({ fields }: { fields: readonly (string | null)[] }): void {
    try {
      this.#rows.push(decode(this.#columns, fields))
    } catch (error) {
      // Told at the end, when the connection is ready again.
      this.#failure ??= error
    }
  }

  handleCommandComplete({ text }: { text: string }): void {
    this.#command = text
    this.#prepared.set(this.name, this.#columns)
  }

  handleReadyForQuery(): void {
    if (this.#failure !== undefined) {
      this.#settle.reject(this.#failure)
      return
    }
    const [command = '', ...counts] = this.#command.split(' ')
    const count = command === 'SELECT' ? 0 : Number(counts.at(-1) ?? 0)
    this.#settle.resolve({ command, rows: this.#rows, count })
  }

  handleError(error: unknown): void {
    this.#settle.reject(error)
  }

  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyData(): void {}
  handleCopyInResponse(connection: { sendCopyFail(message: string): void }): void {
    connection.sendCopyFail('No source stream defined')
  }
}

const decode = ({ names, decoders }: Columns, fields: readonly (string | null)[]): Row => {
  const row: Row = {}
  for (let at = 0; at < names.length; at++) {
    const field = fields[at] ?? null
    row[names[at] ?? ''] = field === null ? null : decoders[at]?.(field)
  }
  return row
}
