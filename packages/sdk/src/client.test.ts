import { testApp } from '@plinth/testing'
import { expect, expectTypeOf, test } from 'vitest'
import { createClient } from './client.ts'
import * as exported from './index.ts'
import { recordingFetch } from './testing.ts'
import type { Inputs, Outputs } from './types.ts'

test('what the package exports is what is written here', () => {
  expect(Object.keys(exported).toSorted()).toEqual([
    'createClient',
    'createClientOf',
    'download',
    'fieldErrors',
    'isCallError',
    'isPlinthError',
    'pages',
    'paginate',
    'upload',
  ])
})

test('queries made together travel in one request, and apart when asked', async () => {
  await using app = await testApp()
  const load = async (batch: boolean): Promise<string[]> => {
    const { fetch, sent } = recordingFetch()
    const { commerce } = createClient({ url: app.url, fetch, batch })
    await Promise.all([commerce.products.list.query({}), commerce.tags.list.query({})])
    return sent.map(({ path }) => path.split('?')[0] ?? '')
  }
  expect(await load(true)).toEqual(['/trpc/commerce.products.list,commerce.tags.list'])
  expect(await load(false)).toEqual(['/trpc/commerce.products.list', '/trpc/commerce.tags.list'])
})

test('a query too long to share a URL travels alone', async () => {
  await using app = await testApp()
  const { fetch, sent } = recordingFetch()
  const { commerce } = createClient({ url: app.url, fetch })
  const tagIds = Array.from({ length: 2 }, () => commerce.tags.list.query({}))
  const long = commerce.products.list.query({ cursor: 'x'.repeat(999), limit: 3 }).catch(() => null)
  const longest = commerce.products.list.query({ cursor: '%'.repeat(999) }).catch(() => null)
  await Promise.all([...tagIds, long, longest])
  expect(sent.map(({ path }) => path.startsWith('/trpc/commerce.products.list?input='))).toContain(true)
  expect(
    Math.max(...sent.filter(({ path }) => path.includes('batch')).map(({ path }) => path.length)),
  ).toBeLessThan(2000)
})

test('headers may be made for each request, and mutations travel alone', async () => {
  await using app = await testApp()
  const { fetch, sent } = recordingFetch()
  let count = 0
  const headers = async () => {
    count += 1
    return { 'x-request-id': `request-${count}` }
  }
  const client = createClient({ url: app.url, fetch, headers })
  await Promise.allSettled([1, 2].map(() => client.core.sessions.logout.mutate()))
  expect(sent.map(({ headers: { 'x-request-id': id } }) => id)).toEqual(['request-1', 'request-2'])
  expect(new Set(sent.map(({ headers: { 'idempotency-key': key } }) => key)).size).toBe(2)
})

test('the helpers name what procedures take and answer', () => {
  expectTypeOf<Inputs['commerce']['products']['list']['limit']>().toEqualTypeOf<number | undefined>()
  expectTypeOf<Outputs['core']['accounts']['get']['email']>().toEqualTypeOf<string>()
})
