import type { Passkey } from '@plinth/contract'
import { compiled, type ReadDb, type Row, type WriteDb } from '@plinth/db'
import type { CoreDb } from '../db.ts'
import type { PasskeysTable } from './tables.ts'

/** A passkey as its owner sees it. */
export const toPasskey = (row: Row<PasskeysTable>): Passkey => ({
  id: row.id,
  name: row.name,
  synced: row.synced,
  backedUp: row.backed_up,
  transports: row.transports?.split(' ') ?? [],
  aaguid: row.aaguid,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
  suspendedAt: row.suspended_at,
})

/** The passkey with the id that its authenticator gave it. */
export const passkeyByCredential = compiled<CoreDb, { credentialId: string }>()((db, p) =>
  db.selectFrom('passkeys').selectAll().where('credential_id', '=', p('credentialId')),
)

/** What authenticators keep to tell accounts apart: the bytes of the account's id, which says nothing of its owner. */
export const userHandleOf = (userId: string): string => Buffer.from(userId).toString('base64url')

/** The passkeys of an account as browsers want them named; there are no more than an account may have. */
export const descriptorsOf = async (db: ReadDb<CoreDb> | WriteDb<CoreDb>, userId: string) => {
  const rows = await (db as ReadDb<CoreDb>)
    .selectFrom('passkeys')
    .select(['credential_id', 'transports', 'suspended_at'])
    .where('user_id', '=', userId)
    .orderBy('id')
    .execute()
  return rows.map(({ credential_id: id, transports, suspended_at: suspendedAt }) => ({
    works: suspendedAt === null,
    descriptor: {
      type: 'public-key' as const,
      id,
      ...(transports !== null && { transports: transports.split(' ') }),
    },
  }))
}
