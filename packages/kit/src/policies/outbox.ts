import type { WriteDb } from '@plinth/db'
import { newId } from '../ids.ts'
import type { KitTables } from '../tables.ts'

/** An event on its way into the outbox. */
export interface NewEvent {
  readonly type: string
  readonly payload: Readonly<Record<string, unknown>>
}

/** Writes events beside the rows they tell of; the dispatcher hands them on after the commit. */
export const writeOutbox = async (
  db: WriteDb<KitTables>,
  events: readonly NewEvent[],
  now: Date,
  traceparent: string | null,
): Promise<void> => {
  if (events.length === 0) return
  await db
    .insertInto('outbox')
    .values(
      events.map(({ type, payload }) => ({
        id: newId('evt', now),
        type,
        payload,
        created_at: now.toISOString(),
        dispatched_at: null,
        traceparent,
      })),
    )
    .execute()
}
