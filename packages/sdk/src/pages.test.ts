import { testApp } from '@plinth/testing'
import { expect, expectTypeOf, test } from 'vitest'
import { createClient } from './client.ts'
import { pages, paginate } from './pages.ts'
import { recordingFetch } from './testing.ts'
import type { Outputs } from './types.ts'

type Tag = Outputs['commerce']['tags']['list']['items'][number]

const withTags = async (count: number) => {
  const app = await testApp()
  const { accessToken } = await app.as('admin')
  const { fetch, sent } = recordingFetch()
  const client = createClient({ url: app.url, tokens: { accessToken }, fetch })
  const names = Array.from({ length: count }, (_, index) => `Tag ${String(index).padStart(2, '0')}`)
  for (const name of names) await client.commerce.tags.create.mutate({ name })
  sent.length = 0
  return {
    client,
    list: client.commerce.tags.list,
    names,
    sent,
    [Symbol.asyncDispose]: app[Symbol.asyncDispose],
  }
}

test('every item of a list comes once, over as many pages as there are', async () => {
  await using world = await withTags(7)
  const seen: string[] = []
  for await (const tag of paginate(world.list, { limit: 3 })) {
    expectTypeOf(tag).toEqualTypeOf<Tag>()
    seen.push(tag.name)
  }
  expect(seen).toEqual(world.names)
  expect(world.sent).toHaveLength(3)
})

test('no page is asked for that is not needed: after a break, and after max items', async () => {
  await using world = await withTags(5)
  for await (const _tag of paginate(world.list, { limit: 2 })) break
  expect(world.sent).toHaveLength(1)
  const seen: string[] = []
  for await (const { name } of paginate(world.list, { limit: 2 }, { max: 4 })) seen.push(name)
  expect(seen).toEqual(world.names.slice(0, 4))
  expect(world.sent).toHaveLength(3)
  for await (const tag of paginate(world.list, {}, { max: 0 })) expect(tag).toBeUndefined()
  expect(world.sent).toHaveLength(3)
})

test('pages come whole, and from a cursor that was kept', async () => {
  await using world = await withTags(5)
  const sizes: number[] = []
  let cursor: string | null = null
  for await (const page of pages(world.list, { limit: 2 })) {
    expectTypeOf(page).toEqualTypeOf<Outputs['commerce']['tags']['list']>()
    sizes.push(page.items.length)
    cursor ??= page.nextCursor
  }
  expect(sizes).toEqual([2, 2, 1])
  const rest: string[] = []
  for await (const { name } of paginate(world.list, { limit: 2, cursor: cursor ?? '' })) rest.push(name)
  expect(rest).toEqual(world.names.slice(2))
})

test('an abort ends the walk', async () => {
  await using world = await withTags(3)
  const stop = new AbortController()
  const walk = async () => {
    for await (const _tag of paginate(world.list, { limit: 1 }, { signal: stop.signal })) stop.abort()
  }
  await expect(walk()).rejects.toMatchObject({ reason: 'abort' })
  expect(world.sent).toHaveLength(1)
})

test.each([
  ['one page over and over', { first: 'a', a: 'a' }, 2],
  ['pages in a circle', { first: 'a', a: 'b', b: 'c', c: 'a' }, 4],
])(
  'a list that never ends is found out: %s',
  async (_name, next: Readonly<Record<string, string>>, asked) => {
    const list = {
      query: async ({ cursor = 'first' }: { cursor?: string }) => ({
        items: [1],
        nextCursor: next[cursor] ?? null,
      }),
    }
    const seen: number[] = []
    const walk = async () => {
      for await (const item of paginate(list, {})) seen.push(item)
    }
    await expect(walk()).rejects.toThrow('would never end')
    expect(seen).toHaveLength(asked)
  },
)

test('what is no list, and input that a list does not take, do not compile', () => {
  const { core, commerce } = createClient({ url: 'http://localhost' })
  const wrong = () => [
    // @ts-expect-error it answers an account
    paginate(core.accounts.get, undefined),
    // @ts-expect-error there is no such field
    pages(commerce.tags.list, { size: 3 }),
  ]
  expect(wrong).toBeTypeOf('function')
})
