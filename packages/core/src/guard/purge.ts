import type { Database } from '@plinth/db'
import { idOf, type KitTables, PURGE_BATCH, purgeInBatches } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import type { GuardSettings } from './settings.ts'

const DAY_MS = 24 * 3_600_000
const KEEP_BANS_MS = 365 * DAY_MS
const KEEP_REPUTATIONS_MS = 90 * DAY_MS

/** An id below those of all requests that came at this moment or later, for ids begin with their moment. */
export const firstRequestId = (at: Date): string => {
  const ms = Math.max(0, at.getTime()).toString(16).padStart(12, '0')
  return idOf('req', `${ms.slice(0, 8)}-${ms.slice(8)}-0000-0000-000000000000`)
}

/** Deletes requests that were kept long enough, rules and bans that ended long ago, and offences that count no more. */
export const purgeGuard = async (
  { db, settings }: { readonly db: Database<KitTables>; readonly settings: GuardSettings },
  due: Date,
  signal: AbortSignal,
): Promise<void> => {
  const ago = (ms: number) => new Date(due.getTime() - ms)
  const oldest = firstRequestId(ago(settings.requests.retentionDays * DAY_MS))
  const of = db.as<CoreDb>()
  await purgeInBatches(of, signal, (trx) => {
    const old = trx.selectFrom('requests').select('id').where('id', '<', oldest).limit(PURGE_BATCH)
    return trx.deleteFrom('requests').where('id', 'in', old).executeTakeFirst()
  })
  await purgeInBatches(of, signal, (trx) => {
    const before = ago(KEEP_REPUTATIONS_MS).toISOString()
    const old = trx
      .selectFrom('reputations')
      .select('network')
      .where('last_offence_at', '<', before)
      .limit(PURGE_BATCH)
    return trx.deleteFrom('reputations').where('network', 'in', old).executeTakeFirst()
  })
  await purgeInBatches(of, signal, (trx) => {
    const before = ago(KEEP_BANS_MS).toISOString()
    const old = trx
      .selectFrom('bans')
      .select('id')
      .where('changed_at', '<', before)
      .where((eb) => eb.or([eb('ends_at', '<', before), eb('lifted_at', '<', before)]))
      .limit(PURGE_BATCH)
    return trx.deleteFrom('bans').where('id', 'in', old).executeTakeFirst()
  })
  await of.transaction((trx) =>
    trx
      .deleteFrom('address_rules')
      .where('expires_at', '<', ago(30 * DAY_MS).toISOString())
      .execute(),
  )
}
