import { contract } from '@plinth/contract'
import type { Database } from '@plinth/db'
import type { KitTables } from '@plinth/kit'
import { implement } from '../implement.ts'

/** What the statements of this process cost. */
export const statements = (db: Database<KitTables>) =>
  implement(contract.core.statements, {
    async list({ input }) {
      return { items: db.slowest(input.limit) }
    },
  })
