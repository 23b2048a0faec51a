import type { WriteDb } from '@plinth/db'
import type { Vault } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import { newToken, tokenHash } from '../tokens.ts'

interface KeyOfSecret {
  readonly id: string
  readonly signed: boolean
}

/** Gives a key a new secret. Of one that signs the vault keeps the secret itself, of all others there is the hash alone. */
export const addSecret = async (
  db: WriteDb<CoreDb>,
  { id, signed }: KeyOfSecret,
  { vault, now }: { readonly vault: Vault; readonly now: Date },
): Promise<string> => {
  const secret = newToken('apiKey')
  await db
    .insertInto('api_key_secrets')
    .values({
      hash: tokenHash(secret),
      key_id: id,
      sealed: signed ? vault.seal(secret, id) : null,
      created_at: now.toISOString(),
      ends_at: null,
    })
    .execute()
  return secret
}

/** Ends the present secret of a key at a moment, and at once those before it: no more than two are accepted. */
export const endSecrets = async (
  db: WriteDb<CoreDb>,
  keyId: string,
  { now, until }: { readonly now: Date; readonly until: Date },
): Promise<void> => {
  const at = now.toISOString()
  await db
    .updateTable('api_key_secrets')
    .set({ ends_at: at })
    .where('key_id', '=', keyId)
    .where('ends_at', '>', at)
    .execute()
  await db
    .updateTable('api_key_secrets')
    .set({ ends_at: until.toISOString() })
    .where('key_id', '=', keyId)
    .where('ends_at', 'is', null)
    .execute()
}
