import type { Database, WriteDb } from '@plinth/db'
import type { AnyContext } from '../context.ts'
import { newId } from '../ids.ts'
import { PURGE_BATCH, purgeInBatches } from '../schedules/batches.ts'
import type { KitTables } from '../tables.ts'

/** What a handler said of its audit entry. */
export interface AuditNote {
  target?: string
  actorId?: string
}

const idOf = (value: unknown): string | null =>
  typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string'
    ? value.id
    : null

/** Writes what was done, in the transaction that does it. The target is what the handler named, else the id of input or output. */
export const writeAudit = async (
  db: WriteDb<KitTables>,
  ctx: AnyContext,
  note: AuditNote,
  result: { input: unknown; output: unknown; refusal: string | null },
): Promise<void> => {
  await db
    .insertInto('audit_log')
    .values({
      id: ctx.newId('aud'),
      at: ctx.now.toISOString(),
      actor_id: note.actorId ?? ctx.actor?.userId ?? null,
      impersonated_by: ctx.actor?.impersonatedBy ?? null,
      action: ctx.procedure,
      target: note.target ?? idOf(result.input) ?? idOf(result.output),
      outcome: result.refusal === null ? 'done' : 'refused',
      code: result.refusal,
      address: ctx.address,
      user_agent: ctx.userAgent,
      request_id: ctx.requestId,
    })
    .execute()
}

/** Writes what followed without anybody asking for it, such as what a job decided; in the transaction that does it. */
export const auditEffect = async (
  db: WriteDb<KitTables>,
  { action, target, cause, now }: { action: string; target: string; cause: string; now: Date },
): Promise<void> => {
  await db
    .insertInto('audit_log')
    .values({
      id: newId('aud', now),
      at: now.toISOString(),
      actor_id: null,
      impersonated_by: null,
      action,
      target,
      outcome: 'done',
      code: null,
      address: null,
      user_agent: null,
      request_id: cause,
    })
    .execute()
}

/**
 * Deletes the entries from before a moment, a batch at a time. The table refuses to lose a row unless that moment is
 * written down first, and it only ever moves forward.
 */
export const purgeAuditEntries = async (
  db: Database<KitTables>,
  before: Date,
  signal: AbortSignal,
): Promise<void> => {
  const keptSince = before.toISOString()
  await purgeInBatches(db, signal, async (trx) => {
    await trx
      .insertInto('retentions')
      .values({ table_name: 'audit_log', kept_since: keptSince })
      .onConflict((conflict) =>
        conflict
          .column('table_name')
          .doUpdateSet({ kept_since: keptSince })
          .where('retentions.kept_since', '<', keptSince),
      )
      .execute()
    const old = trx
      .selectFrom('audit_log')
      .select('id')
      .where('at', '<', keptSince)
      .orderBy('at')
      .limit(PURGE_BATCH)
    return trx.deleteFrom('audit_log').where('id', 'in', old).executeTakeFirst()
  })
}
