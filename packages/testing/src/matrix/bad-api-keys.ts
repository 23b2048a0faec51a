import { type CoreDb, newToken } from '@plinth/core'
import type { TestActor, TestApp } from '../test-app.ts'
import type { BadCredential } from './matrix.ts'

const NONCE = 'a-nonce-of-the-matrix'

// As if it had been made a while ago, for a key ends after it begins.
const expire = (app: TestApp, id: string): Promise<unknown> =>
  app.db
    .as<CoreDb>()
    .transaction((trx) =>
      trx
        .updateTable('api_keys')
        .set({ created_at: '2020-01-01T00:00:00.000Z', expires_at: app.clock.now().toISOString() })
        .where('id', '=', id)
        .execute(),
    )

const disable = (app: TestApp, { account }: TestActor): Promise<unknown> =>
  app.db
    .as<CoreDb>()
    .transaction((trx) =>
      trx.updateTable('users').set({ state: 'disabled' }).where('id', '=', account.id).execute(),
    )

const newKey = ({ client }: TestActor, signed = false) =>
  client.core.apiKeys.create.mutate({ name: 'Bad', scopes: ['products:read'], signed })

/** Keys that were good once. */
const spentKeys = async (app: TestApp, owner: TestActor) => {
  const revoked = await newKey(owner)
  await owner.client.core.apiKeys.delete.mutate({ id: revoked.id })
  const replaced = await newKey(owner)
  await owner.client.core.apiKeys.rotate.mutate({ id: replaced.id, overlapSeconds: 0 })
  const expired = await newKey(owner)
  await expire(app, expired.id)
  const gone = await app.as('user')
  const disabled = await newKey(gone)
  await disable(app, gone)
  return { revoked, replaced, expired, disabled }
}

/** One API key for each way to be wrong, sent as it is and used to sign. */
export const badApiKeys = async (app: TestApp, owner: TestActor): Promise<readonly BadCredential[]> => {
  const { revoked, replaced, expired, disabled } = await spentKeys(app, owner)
  const [plain, signing] = [await newKey(owner), await newKey(owner, true)]
  const seconds = Math.floor(app.clock.now().getTime() / 1000)
  const sent = (title: string, key: string, code: BadCredential['code']): BadCredential => ({
    title,
    headers: { 'x-api-key': key },
    code,
  })
  const signed = (title: string, code: BadCredential['code'], change: Record<string, string>) => ({
    title,
    headers: {
      'x-plinth-key': signing.id,
      'x-plinth-timestamp': String(seconds),
      'x-plinth-nonce': NONCE,
      'x-plinth-signature': `v1=${'0'.repeat(64)}`,
      ...change,
    },
    code,
  })
  return [
    sent('an API key cut short', plain.secret.slice(0, -1), 'TOKEN_MALFORMED'),
    sent('a forged API key', newToken('apiKey'), 'KEY_UNKNOWN'),
    sent('an access token as an API key', owner.accessToken, 'TOKEN_WRONG_TYPE'),
    sent('a revoked API key', revoked.secret, 'KEY_REVOKED'),
    sent('an expired API key', expired.secret, 'KEY_EXPIRED'),
    sent('the secret before of an API key', replaced.secret, 'KEY_REPLACED'),
    sent('the API key of a disabled account', disabled.secret, 'KEY_OWNER_INACTIVE'),
    sent('the secret of a key that signs', signing.secret, 'SIGNATURE_MISSING'),
    {
      title: 'a key without its signature',
      headers: { 'x-plinth-key': signing.id },
      code: 'SIGNATURE_MISSING',
    },
    signed('a signature of no form', 'SIGNATURE_INVALID', { 'x-plinth-signature': 'nonsense' }),
    signed('a nonce that is too short', 'SIGNATURE_INVALID', { 'x-plinth-nonce': 'short' }),
    signed('an old signature', 'SIGNATURE_EXPIRED', { 'x-plinth-timestamp': String(seconds - 301) }),
    signed('a signature from ahead', 'SIGNATURE_EXPIRED', { 'x-plinth-timestamp': String(seconds + 302) }),
    signed('a key id that nobody has', 'KEY_UNKNOWN', { 'x-plinth-key': 'key_01jd7m3x5sfa9v8k2cq4w6y8ze' }),
    signed('a signature with a key that does not sign', 'SIGNATURE_UNEXPECTED', { 'x-plinth-key': plain.id }),
    signed('a signature with a revoked key', 'KEY_REVOKED', { 'x-plinth-key': revoked.id }),
  ]
}
