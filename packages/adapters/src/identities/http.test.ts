import { testOAuthProvider, testReceiver } from '@plinth/testing/outside'
import { expect, test } from 'vitest'
import { askJson, fetchBounded } from './http.ts'

test('an answer that does not end is given up after 64 KiB', async () => {
  await using provider = await testOAuthProvider()
  provider.misbehaves.add('endless')
  await expect(askJson(`${provider.url}/user`, {})).rejects.toThrow('longer than 65536 bytes')
  await expect(fetchBounded(`${provider.url}/keys`, {})).rejects.toThrow('longer than 65536 bytes')
})

test('a redirect, which could carry a code or a secret elsewhere, is not followed', async () => {
  await using elsewhere = await testReceiver()
  await using provider = await testReceiver()
  provider.answer = (response) => response.writeHead(307, { location: elsewhere.url }).end()
  await expect(askJson(provider.url, { method: 'POST', body: 'client_secret=s' })).rejects.toThrow()
  expect(provider.received).toHaveLength(1)
  expect(elsewhere.received).toEqual([])
})

test('what a provider can not answer well is told from an answer that says no', async () => {
  await using provider = await testReceiver()
  provider.answer = (response) => response.writeHead(429).end()
  await expect(askJson(provider.url, {})).rejects.toThrow('it answered 429')
  provider.answer = (response) => response.writeHead(400).end('{"error":"invalid_grant"}')
  expect(await askJson(provider.url, {})).toEqual({ status: 400, body: { error: 'invalid_grant' } })
})
