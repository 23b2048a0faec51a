import type { WriteDb } from '@plinth/db'
import type { AnyContext } from '../context.ts'
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
