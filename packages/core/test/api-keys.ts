import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { Client, TestActor, TestApp } from '@plinth/testing'

type NewKey = Parameters<Client['core']['apiKeys']['create']['mutate']>[0]
/** A key as it is answered with its secret. */
export type KeyWithSecret = Awaited<ReturnType<Client['core']['apiKeys']['create']['mutate']>>

/** Makes a key of somebody's; it may read products unless something else is said. */
export const newKey = ({ client }: TestActor, given: Partial<NewKey> = {}): Promise<KeyWithSecret> =>
  client.core.apiKeys.create.mutate({ name: 'Warehouse', scopes: ['products:read'], ...given })

/** Status and code of an answer over REST. */
export const outcomeOf = ({ status, body }: { status: number; body: unknown }) => [
  status,
  (body as { code?: string } | undefined)?.code,
]

/** What a program sends that signs; what is changed after that is in `sent`. */
interface SignedCall {
  readonly method?: string
  readonly path: string
  readonly body?: unknown
  /** Seconds since 1970; left out: now by the clock of the application. */
  readonly timestamp?: number
  readonly nonce?: string
}

/** The headers of a signature as the guide describes them, made without our own code. */
export const signatureHeaders = (
  app: TestApp,
  { id, secret }: Pick<KeyWithSecret, 'id' | 'secret'>,
  { method = 'GET', path, body, timestamp, nonce = randomBytes(16).toString('hex') }: SignedCall,
): Record<string, string> => {
  const seconds = String(timestamp ?? Math.floor(app.clock.now().getTime() / 1000))
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  const hash = createHash('sha256').update(text).digest('hex')
  const signed = `plinth-request-v1\n${method}\n${path}\n${hash}\n${seconds}\n${nonce}`
  return {
    'x-plinth-key': id,
    'x-plinth-timestamp': seconds,
    'x-plinth-nonce': nonce,
    'x-plinth-signature': `v1=${createHmac('sha256', secret).update(signed).digest('hex')}`,
  }
}

/** Signs a request and sends it. */
export const sendSigned = (
  app: TestApp,
  key: Pick<KeyWithSecret, 'id' | 'secret'>,
  call: SignedCall,
  more: Readonly<Record<string, string>> = {},
) =>
  app.rest(call.method ?? 'GET', call.path, {
    body: call.body,
    headers: {
      ...signatureHeaders(app, key, call),
      ...(call.body !== undefined && { 'content-type': 'application/json' }),
      ...more,
    },
  })
