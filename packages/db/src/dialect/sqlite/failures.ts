import { UnavailableError } from '../../errors.ts'

// A full disk, one that fails, and a file that can't be opened or written: https://www.sqlite.org/rescode.html
const DISK = /^SQLITE_(?:FULL|IOERR|CANTOPEN|READONLY)/

/** Replaces what the engine says about its disk by the errors of this package. */
export const translate = (error: unknown): unknown =>
  error instanceof Error && 'code' in error && DISK.test(String(error.code))
    ? new UnavailableError(`the database can't use its disk: ${error.message}`, { cause: error })
    : error
