import { testApp } from '@plinth/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient } from './client.ts'
import type { Fetch } from './fetch.ts'
import { signing } from './signing.ts'

type App = Awaited<ReturnType<typeof testApp>>
type Owner = Awaited<ReturnType<App['as']>>

let app: App
let owner: Owner
beforeAll(async () => {
  app = await testApp()
  owner = await app.as('manager')
})
afterAll(() => app[Symbol.asyncDispose]())

const newKey = (signed: boolean) =>
  owner.client.core.apiKeys.create.mutate({
    name: 'SDK',
    scopes: ['accounts:read', 'tags:write', 'tags:read'],
    signed,
  })

/** A fetch that keeps what it was asked to send. */
const watched = () => {
  const sent: { url: string; headers: Headers }[] = []
  const fetch: Fetch = (url, init) => {
    sent.push({ url, headers: new Headers(init.headers) })
    return globalThis.fetch(url, init)
  }
  return { sent, fetch }
}

test('a client calls with an API key as its owner, and a refusal of it is told and not renewed', async () => {
  const { id, secret } = await newKey(false)
  const { sent, fetch } = watched()
  const client = createClient({ url: app.url, apiKey: secret, fetch })
  expect(await client.core.accounts.get.query()).toEqual(owner.account)
  await expect(client.core.sessions.list.query({})).rejects.toMatchObject({ data: { code: 'SCOPE_MISSING' } })
  await owner.client.core.apiKeys.delete.mutate({ id })
  const before = sent.length
  await expect(client.core.accounts.get.query()).rejects.toMatchObject({ data: { code: 'KEY_REVOKED' } })
  expect(sent.length - before).toBe(1)
})

describe('a client with a key that signs', () => {
  test('signs queries, batches and mutations, and never sends the secret', async () => {
    const key = await newKey(true)
    const { sent, fetch } = watched()
    const client = createClient({ url: app.url, apiKey: key, fetch })
    const [account, tags] = await Promise.all([
      client.core.accounts.get.query(),
      client.commerce.tags.list.query({ limit: 3 }),
    ])
    expect(account).toEqual(owner.account)
    expect(sent).toHaveLength(1)
    expect(tags.items).toEqual([])
    const made = await client.commerce.tags.create.mutate({ name: 'Gezeichnet für Zoë' })
    expect(await client.commerce.tags.get.query({ id: made.id })).toEqual(made)
    for (const { url, headers } of sent) {
      expect(headers.get('x-plinth-key')).toBe(key.id)
      expect(JSON.stringify([url, [...headers]])).not.toContain(key.secret)
    }
    const nonces = sent.map(({ headers }) => headers.get('x-plinth-nonce'))
    expect(new Set(nonces).size).toBe(sent.length)
  })

  test('signs each try anew: an answer that was lost does not spoil the next one', async () => {
    const key = await newKey(true)
    let lost = 0
    const fetch: Fetch = async (url, init) => {
      const response = await globalThis.fetch(url, init)
      lost += 1
      if (lost === 1) throw new TypeError('The connection broke')
      return response
    }
    const client = createClient({ url: app.url, apiKey: key, fetch, retry: { baseMs: 1 } })
    const made = await client.commerce.tags.create.mutate({ name: 'Once, though told twice' })
    expect(lost).toBe(2)
    expect(await client.commerce.tags.get.query({ id: made.id })).toEqual(made)
  })

  test('is told what it can not do: files and WebSockets, or a login beside the key', async () => {
    const { id, secret } = await newKey(true)
    const url = app.url
    const client = createClient({ url, apiKey: { id, secret } })
    const form = new FormData() as never
    await expect(client.commerce.tags.create.mutate(form)).rejects.toMatchObject({ reason: 'unsent' })
    const given = { url, apiKey: { id, secret } }
    expect(() => createClient({ ...given, subscriptions: 'websocket' })).toThrow('WebSocket')
    expect(() => createClient({ ...given, mode: 'cookie' })).toThrow('API key')
    expect(() => createClient({ ...given, tokens: { accessToken: 'x' } })).toThrow('API key')
  })
})

test('the signature of a request is that of every other program', async () => {
  // The example of docs/guides/api-keys.md, whose signature openssl made.
  const sent: RequestInit[] = []
  const fetch: Fetch = async (_url, init) => {
    sent.push(init)
    return new Response()
  }
  const key = { id: 'key_01jd7m3x5sfa9v8k2cq4w6y8ze', secret: 'plk_a-secret' }
  await signing(fetch, key)('https://api.example.com/api/v1/tags?x=%C3%A9&y=1', {
    method: 'POST',
    body: '{"name":"Café"}',
  })
  const headers = new Headers(sent[0]?.headers)
  const { createHmac, createHash } = await import('node:crypto')
  const hash = createHash('sha256').update('{"name":"Café"}').digest('hex')
  const [timestamp, nonce] = [headers.get('x-plinth-timestamp'), headers.get('x-plinth-nonce')]
  const text = `plinth-request-v1\nPOST\n/api/v1/tags?x=%C3%A9&y=1\n${hash}\n${timestamp}\n${nonce}`
  expect(headers.get('x-plinth-signature')).toBe(
    `v1=${createHmac('sha256', key.secret).update(text).digest('hex')}`,
  )
})
