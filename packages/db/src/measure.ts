import { type Database, engineOf } from './database.ts'
import type { Measures } from './dialect/types.ts'

/** Measures what the database takes up and what it is busy with, now. */
export const measure = <T>(db: Database<T>): Promise<Measures> => {
  const { engine, handle } = engineOf(db)
  return engine.measure(handle)
}
