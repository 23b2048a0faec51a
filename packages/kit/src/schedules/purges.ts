import type { Database } from '@plinth/db'
import { purgeOutbox } from '../events.ts'
import { purgeAuditEntries } from '../policies/audit.ts'
import { purgeKeys } from '../policies/idempotency.ts'
import type { ScheduledTask } from '../ports/schedules.ts'
import type { KitTables } from '../tables.ts'

interface PurgeDeps {
  readonly db: Database<KitTables>
  /** How long entries of the audit log are kept, in days. */
  readonly auditDays: number
}

const DAY_MS = 24 * 3_600_000

/** The rows of the kit that have served, deleted on schedule. Each runs in transactions of its own. */
export const kitPurges = ({ db, auditDays }: PurgeDeps): ScheduledTask[] => [
  {
    name: 'purge-idempotency-keys',
    description: 'Deletes answers to keyed requests that have expired',
    cron: '7 * * * *',
    run: async (due, signal) => void (await purgeKeys(db, due, signal)),
  },
  {
    name: 'purge-outbox',
    description: 'Deletes events that were handed on a day ago',
    cron: '17 * * * *',
    run: async (due, signal) => void (await purgeOutbox(db, new Date(due.getTime() - DAY_MS), signal)),
  },
  {
    name: 'purge-audit-entries',
    description: 'Deletes entries of the audit log that are older than it is to be kept',
    cron: '37 3 * * *',
    run: (due, signal) => purgeAuditEntries(db, new Date(due.getTime() - auditDays * DAY_MS), signal),
  },
]
