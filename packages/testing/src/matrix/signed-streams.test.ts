import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { CoreDb } from '@plinth/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestActor } from '../test-app.ts'
import { firstOfSocket } from './socket.ts'
import { firstOfStream } from './stream.ts'
import { type PlinthTarget, plinthTarget } from './world.ts'

let target: PlinthTarget
let owner: TestActor
let key: { readonly id: string; readonly secret: string }
let path: string
beforeAll(async () => {
  target = await plinthTarget()
  const { server, world } = target
  owner = await world.someone('user')
  key = await owner.client.core.apiKeys.create.mutate({
    name: 'Streams',
    scopes: ['products:read'],
    signed: true,
  })
  // Plinth has no subscription of its own yet; the module that has one is known to the matrix alone, and so is its scope.
  await server.db
    .as<CoreDb>()
    .transaction((trx) =>
      trx.updateTable('api_keys').set({ scopes: 'documents:read' }).where('id', '=', key.id).execute(),
    )
  const input = encodeURIComponent(JSON.stringify({ id: await world.document(owner) }))
  path = `/trpc/drive.documents.follow?input=${input}`
})
afterAll(() => target[Symbol.asyncDispose]())

const signed = (at: string): Record<string, string> => {
  const timestamp = String(Math.floor(target.server.clock.now().getTime() / 1000))
  const nonce = randomBytes(12).toString('base64url')
  const hash = createHash('sha256').digest('hex')
  const text = ['plinth-request-v1', 'GET', at, hash, timestamp, nonce].join('\n')
  return {
    'x-plinth-key': key.id,
    'x-plinth-timestamp': timestamp,
    'x-plinth-nonce': nonce,
    'x-plinth-signature': `v1=${createHmac('sha256', key.secret).update(text).digest('hex')}`,
  }
}

test('an event stream can be opened with a signature, once', async () => {
  const headers = signed(path)
  const url = target.server.url + path
  expect((await firstOfStream(url, { headers })).text).toContain('name')
  expect((await firstOfStream(url, { headers })).text).toContain('NONCE_USED')
})

test('a WebSocket, whose messages nothing signs, can not', async () => {
  const message = { id: 1, jsonrpc: '2.0', method: 'query', params: { path: 'core.accounts.get' } }
  const { text } = await firstOfSocket(`${target.server.url}/trpc-ws`, JSON.stringify(message), {
    headers: signed('/trpc-ws'),
  })
  expect(text).toContain('SIGNATURE_UNSUPPORTED')
})
