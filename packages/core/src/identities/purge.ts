import type { Database } from '@plinth/db'
import type { KitTables, ScheduledTask } from '@plinth/kit'
import type { CoreDb } from '../db.ts'

// Until then who comes too late is told so.
const KEEP_MS = 3_600_000

/** Deletes sign-ins at providers that nobody completed. */
export const purgeFlows = (db: Database<KitTables>): ScheduledTask => ({
  name: 'purge-provider-flows',
  description: 'Deletes sign-ins at providers that expired an hour ago',
  cron: '*/10 * * * *',
  run: (due) =>
    db.as<CoreDb>().transaction(async (trx) => {
      const before = new Date(due.getTime() - KEEP_MS).toISOString()
      await trx.deleteFrom('provider_flows').where('expires_at', '<=', before).execute()
    }),
})
