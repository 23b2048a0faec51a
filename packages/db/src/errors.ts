/** A setting of the database is missing or out of range; `key` names it, such as `pool.max`. */
export class DbConfigError extends Error {
  override readonly name = 'DbConfigError'
  readonly key: string
  constructor(key: string, problem: string) {
    super(`database configuration: ${key} ${problem}`)
    this.key = key
  }
}

/** No connection came free within `acquireTimeoutMs`: the caller should answer "overloaded". */
export class PoolTimeoutError extends Error {
  override readonly name = 'PoolTimeoutError'
}

/** The database could not be reached, was lost while a statement ran, or has no room left to write. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError'
}

/** Migrations could not be applied or taken back; nothing of the attempt was kept. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

/** A text holds a character that not every engine can store: NUL or half of a surrogate pair. */
export class InvalidTextError extends Error {
  override readonly name = 'InvalidTextError'
}

/** A value has no column kind that would read it back unchanged, such as NaN or an integer beyond 2^53 - 1. */
export class InvalidValueError extends Error {
  override readonly name = 'InvalidValueError'
}

/** What a thrown value says, whatever it is. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Whether an error means "the database is not there", at any depth of its causes. */
export const isUnavailable = (error: unknown): error is Error =>
  error instanceof UnavailableError || (error instanceof Error && isUnavailable(error.cause))
