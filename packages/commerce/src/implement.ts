import { implementer } from '@plinth/kit'
import type { CommerceDb } from './db.ts'

/** Binds a module of the commerce contract to its handlers. */
export const implement = implementer<CommerceDb>()
