import { implementer } from '@plinth/kit'
import type { CoreDb } from './db.ts'

/** Binds a module of the contract to handlers over the tables of this system. */
export const implement = implementer<CoreDb>()
