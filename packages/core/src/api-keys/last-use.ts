import type { Database } from '@plinth/db'
import type { KitTables, Logger } from '@plinth/kit'
import type { CoreDb } from '../db.ts'

const MINUTE_MS = 60_000
const MOST_WAITING = 10_000

interface Use {
  readonly id: string
  readonly at: Date
  readonly address: string
}

/** Notes when a key was used last, and from where. */
export interface LastUse {
  /** Takes note; nobody waits for it, and of the uses of one minute the first is written. */
  note(use: Use, before: string | null): void
}

/** Writes last uses beside the requests: all that came together in one transaction, one after the other. */
export const createLastUse = (given: Database<KitTables>, log: Logger): LastUse => {
  const db = given.as<CoreDb>()
  const waiting = new Map<string, Use>()
  let writing = false

  const write = (uses: readonly Use[]) =>
    db.transaction(async (trx) => {
      for (const { id, at, address } of uses)
        await trx
          .updateTable('api_keys')
          .set({ last_used_at: at.toISOString(), last_address: address })
          .where('id', '=', id)
          // Another process may have written it meanwhile.
          .where(({ eb, or }) =>
            or([
              eb('last_used_at', 'is', null),
              eb('last_used_at', '<=', new Date(at.getTime() - MINUTE_MS).toISOString()),
            ]),
          )
          .execute()
    })

  const writeAll = async (): Promise<void> => {
    writing = true
    try {
      while (waiting.size > 0) {
        const uses = [...waiting.values()]
        await write(uses)
        for (const use of uses) if (waiting.get(use.id) === use) waiting.delete(use.id)
      }
    } catch (error) {
      // It is told again with the next use.
      waiting.clear()
      log.warn({ err: error }, 'last uses of API keys were not written')
    } finally {
      writing = false
    }
  }

  return {
    note(use, before) {
      if (before !== null && use.at.getTime() - Date.parse(before) < MINUTE_MS) return
      if (waiting.has(use.id) || waiting.size >= MOST_WAITING) return
      waiting.set(use.id, use)
      if (!writing) void writeAll()
    },
  }
}
