import { contract, page, query, Tag } from '@plinth/contract'
import { testApp } from '@plinth/testing'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { TestRouter } from '../test/contract.ts'
import { testContract } from '../test/contract.ts'
import { surfaceServer } from '../test/servers.ts'
import { createClient, createClientOf } from './client.ts'
import { fieldErrors, isCallError, isPlinthError } from './errors.ts'
import { recordingFetch } from './testing.ts'
import * as exported from './validation.ts'
import { AnswerMismatch, answerCheck } from './validation.ts'

const caught = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => null,
    (failure: unknown) => failure,
  )

test('what the entry exports is what is written here', () => {
  expect(Object.keys(exported).toSorted()).toEqual(['AnswerMismatch', 'answerCheck'])
})

test('answers that match the contract come through as they are', async () => {
  await using app = await testApp()
  const { email, password } = await app.as('admin')
  const client = createClient({ url: app.url, check: answerCheck() })
  await client.core.sessions.login.mutate({ email, password })
  const tag = await client.commerce.tags.create.mutate({ name: 'Summer' })
  const [listed, profile] = await Promise.all([
    client.commerce.tags.list.query({}),
    client.core.accounts.get.query(),
  ])
  expect([listed.items, profile.email]).toEqual([[tag], email])
})

test('an answer that breaks the contract is an error that names the field, and is not asked for again', async () => {
  await using app = await testApp()
  const admin = await app.as('admin')
  await admin.client.commerce.tags.create.mutate({ name: 'Summer' })
  // The contract of another time: it wants a field that the server does not give, and a number for a text.
  const { list } = contract.commerce.tags
  const output = page(Tag.extend({ slug: z.number(), color: z.string() }))
  const older = { commerce: { tags: { list: query({ summary: list.summary, input: list.input, output }) } } }
  const { fetch, sent } = recordingFetch()
  const client = createClient({ url: app.url, fetch, check: answerCheck(older) })
  const error = await caught(client.commerce.tags.list.query({}))
  expect(isCallError(error, 'mismatch')).toBe(true)
  expect(isPlinthError(error)).toBe(false)
  expect(Object.keys(fieldErrors(error)).toSorted()).toEqual(['items.0.color', 'items.0.slug'])
  expect(error).toMatchObject({ requestId: sent[0]?.headers['x-request-id'] })
  const { cause, message } = error as Error
  expect(cause).toBeInstanceOf(AnswerMismatch)
  expect(message).toContain('The answer of commerce.tags.list breaks its contract at "items.0.slug"')
  expect(sent).toHaveLength(1)
})

test.each(['events', 'websocket'] as const)(
  'values of a subscription are held to it too (%s)',
  async (subscriptions) => {
    await using server = await surfaceServer()
    const { count } = testContract.test.values
    const stricter = {
      test: { values: { count: { ...count, output: z.object({ value: z.int().max(2) }) } } },
    }
    const check = answerCheck(stricter)
    const client = createClientOf<TestRouter>({ url: server.url, check, subscriptions })
    const seen: number[] = []
    const error = await new Promise((resolve) => {
      client.test.values.count.subscribe(
        { to: 5, everyMs: 1 },
        { onData: ({ data }) => void seen.push(data.value), onError: resolve },
      )
    })
    expect(seen).toEqual([1, 2])
    expect(isCallError(error, 'mismatch') && Object.keys(fieldErrors(error))).toEqual(['value'])
  },
)
