import { testApp } from '@plinth/testing'
import { QueryClient } from '@tanstack/react-query'
import { expect, expectTypeOf, test } from 'vitest'
import { createClient } from './client.ts'
import * as exported from './react-query.ts'
import type { Outputs } from './types.ts'

test('what the entry exports is what is written here', () => {
  const names = ['PlinthProvider', 'createPlinthOptions', 'usePlinth', 'usePlinthClient']
  expect(Object.keys(exported).toSorted()).toEqual(names)
})

test('options made of a client fetch its answers under keys by procedure', async () => {
  await using app = await testApp()
  const queryClient = new QueryClient()
  const plinth = exported.createPlinthOptions(createClient({ url: app.url }), queryClient)
  const page = await queryClient.query(plinth.commerce.products.list.queryOptions({ limit: 1 }))
  expectTypeOf(page).toEqualTypeOf<Outputs['commerce']['products']['list']>()
  expect(page).toEqual({ items: [], nextCursor: null })
  expect(queryClient.getQueryData(plinth.commerce.products.list.queryKey({ limit: 1 }))).toEqual(page)
})
